// Starts the Verdaccio of a folder with a configuration file, says the address that the system gave it, and ends when
// whoever started it does: `node verdaccio.cjs FOLDER CONFIG`.
//
// Its own command line takes `--listen 127.0.0.1:0`, but then tells port 0; this is its documented entry for programs.
'use strict';

const { createRequire } = require('node:module');
const [folder, config] = process.argv.slice(2);
const { runServer } = createRequire(`${folder}/`)('verdaccio');

process.stdin.resume().on('end', () => process.exit(0));
runServer(config).then((server) => {
  server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}/`));
});
