//! What `--help` and `--version` say beside the options.

pub(super) const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nManages an npm registry account in the terminal.",
    "\nNo telemetry, no update check: it speaks to your registry and to nobody else.",
);

pub(super) const AFTER: &str = "\
Examples:
  npm-warden --demo
      Try everything on a made-up account; nothing real is read or changed.
  npm-warden --demo --policy npmjs --tfa auth-only
      The same by the rules of npm's registry in 2026, with an authenticator from before them.
  npm-warden --demo --under-attack
      The same with tokens that were stolen: ! rehearses the emergency.
  npm-warden
      Your account, by the registry and the credential that npm itself would use.
  npm-warden --registry https://registry.example.com/
      Another registry; its credential is found in your npm configuration.
  npm-warden token list --json
      A plain command, for scripts and for terminals that take no full-screen program.
  npm-warden check --within 14d
      Exit code 1 when a token ends within 14 days, or has ended.
  npm-warden 2fa enable
      Two-factor authentication from the first question to saved recovery codes, line by line.
  npm-warden emergency --plan
      What would be done when tokens were stolen. Sends nothing.
  npm-warden registry --tokens 40
      A registry on this machine to try npm, scripts or this program against.

Exit codes:
  0  done
  1  a finding, or a fault on this machine, or you answered no
  2  the command line makes no sense here, or there is no terminal to ask on
  3  signed out: no credential, or one that the registry does not accept
  4  the registry wants a second factor
  5  the registry refused, or does not offer this, or a token is still accepted
  6  the network, or an address that cannot be listened on
  130  Ctrl-C in a plain command; 143 SIGTERM, 129 SIGHUP

Colours follow the terminal's palette; NO_COLOR=1 does without them, but a QR code keeps
its own two, without which it cannot be scanned.
In the program, ? lists the keys. README.md says more.";

pub(super) const AFTER_REGISTRY: &str = "\
Once it listens it prints one line of JSON on standard output:
  {\"url\", \"username\", \"password\", \"email\", \"token\"}
with \"otpauth\" and \"recovery_codes\" besides where --tfa gives the account a second factor,
and one line a request on standard error, without secrets. It listens on this machine alone,
keeps everything in memory, and ends on Ctrl-C or SIGTERM.

With --policy npmjs it follows the rules of npm's registry in 2026:
  new authenticators  refused; one that the account has (--tfa) goes on
  sessions            of npm login end after two hours and are in no list
  tokens              granular, with a name and an end, at most 90 days where they may write;
                      managed by a session and a code, and never by a token that bypasses the
                      second factor
  codes by mail       asked of an account without a second factor. No mail is sent: the page
                      /-/inbox shows it, to everybody on this machine, since the accounts are
                      made up
  a hold              of 72 hours on creating tokens, after a recovery code or another address;
                      after a recovery code on changes of the second factor, too
What npm does not document is a guess, its words included.

Faults: SPEC is OPERATION[#N]=KIND.
  OPERATION  login (web), poll (its answer, or a web challenge's), couch (user name and password;
             npm sends two), logout, whoami, profile.get, profile.set, password, 2fa, token.list,
             token.create, token.revoke, or * for every request of a client
  #N         the N-th of them alone; #N+ from the N-th on; #/N each N-th; #* or nothing: every one
  KIND       before anything is done:
               drop-before                     the connection is closed without an answer
               status:CODE                     this status
               retry-after:SECONDS[:CODE]      429, or CODE, with Retry-After
               retry-after-date:SECONDS[:CODE] the same as a date
               redirect:URL                    307 to there
             after it was done:
               drop-after                      the connection is closed without an answer
               status-after:CODE               this status
               half-body                       half of the answer, then the connection is closed
               delay:MS                        the answer is held back
               skew:SECONDS                    its Date is off by that much, also by -SECONDS
             of token.revoke and logout, which are done and said to be:
               linger-listed:N                 the list has the token for N more readings
               linger-accepted:N               N more requests that carry it are accepted
               linger-accepted-for:SECONDS     the same for so long
  Delays, skews and what lingers come on top; of the others the first one given that fits is done.

Examples:
  npm-warden registry
      On a free port; read the address from the line of JSON.
  npm-warden registry --listen 127.0.0.1:4880 --otp-once
      On a fixed port, and each one-time password serves once.
  npm-warden registry --fault token.create#1=drop-after --fault '*=delay:300'
      The first new token's value is lost on the way, and all answers are slow.
  npm-warden registry --policy npmjs --tfa auth-only
      npm's rules of 2026, and an account with an authenticator from before them.";

pub(super) const AFTER_ACCOUNT: &str = "\
Results go to standard output; questions, and what is said beside them, to standard error.
With --json the result is one line that begins {\"version\":1, and a failure is one too.

Exit codes: 0 done, 1 a finding or a fault here, 2 the command line, 3 signed out,
4 a second factor is wanted, 5 the registry refused or does not offer this, 6 the network,
130 Ctrl-C (143 SIGTERM, 129 SIGHUP).";

pub(super) const AFTER_CHECK: &str = "\
Tells which tokens have ended or end soon: when, what they may do, where they lie on this machine,
what you noted of them, and the command that puts a new one in their place. Tokens of which the
registry tells no end are not due, and neither are those that are revoked.

Where a token lies is told in two grades: it `is` in a place where that is proved, and it `looks
like` what lies there where no more than the listed characters fit.

Exit codes: 0 nothing is due; 1 a token is due, or has ended; why it could not tell: 3 signed out,
4 a second factor is wanted, 5 the registry refused, does not offer this, its list kept changing, or
it tells an end that cannot be read, 6 the network; 2 the command line, or a fault on this machine
(1 elsewhere, but never here); 130 Ctrl-C (143 SIGTERM, 129 SIGHUP).

Examples:
  npm-warden check
      Within 14 days.
  npm-warden check --within 2w --json
  npm-warden check --within 30d || mail -s 'npm tokens' me@example.com
      For cron: 1 means that something is due, more than 1 that nobody knows.";

pub(super) const AFTER_STATUS: &str = "\
The state is on, off, pending (a set-up was begun and never confirmed: it protects nothing) or
unknown (an answer that this program does not know, in the registry's words).

Exit codes: 0 told; with --check 1 when it is not on, or not at that level; 3 signed out,
6 the network.

Examples:
  npm-warden 2fa status
  npm-warden 2fa status --check=auth-and-writes
      Exit code 1 unless publishing asks for a code as well.
  npm-warden 2fa status --json
      {\"version\":1,\"registry\":…,\"username\":…,\"tfa\":{\"state\":\"on\",\"mode\":\"auth-only\",…},…}";

pub(super) const AFTER_ENABLE: &str = "\
Have at hand: an authenticator on another device, the account's password, and a place for the
recovery codes away from that device. Everything is asked for on the terminal: passwords,
passphrases and codes are taken from no command line. The QR code and its key go to the terminal
alone, and so do recovery codes that you copy yourself; standard output never has them.

The place is proved before anything is begun. The codes are in it before you hear of them.
  --place vault    an encrypted file of this program (the age format), opened by a passphrase
  --place FILE     a new text file, readable by you alone; never an existing one
  --place myself   nowhere: they are shown once, on the terminal

Exit codes: 0 it is on; 1 you answered no, or a fault here; 2 no terminal to ask on, or it is on
at another level than --level says; 3 signed out; 5 the registry refused, or takes no set-up from a
program; 6 the network; 130 Ctrl-C, which clears a set-up that is not confirmed yet.

Examples:
  npm-warden 2fa enable
  npm-warden 2fa enable --level auth-only --place ~/codes-of-alice.txt
  npm-warden 2fa enable --clear-pending
      Clears a half-done set-up without asking, and begins anew.";

pub(super) const AFTER_LEVEL: &str = "\
  auth-only         asks when you sign in or change your account or its tokens
  auth-and-writes   asks for every change to a package as well

Asks for the password and for a code. Some registries begin a new set-up for another level: then
it goes on as `2fa enable` does, with a place for the new recovery codes.

Exit codes: 0 the level is this now, or was before; 2 it is not on, or no terminal to ask on;
3 signed out; 4 a code is wanted; 5 the registry refused; 6 the network; 130 Ctrl-C.

Examples:
  npm-warden 2fa level auth-and-writes
  npm-warden 2fa level auth-only --otp 123456";

pub(super) const AFTER_DISABLE: &str = "\
Asks first, then for the password and for a code. A recovery code is taken at that question, after
a warning; never with --otp. What ends is told by the registry's own profile, read again.

Exit codes: 0 it is off, or was before; 1 you answered no; 2 no terminal to ask on; 3 signed out;
4 a code is wanted; 5 the registry refused; 6 the network; 130 Ctrl-C.

Examples:
  npm-warden 2fa disable
      The lost phone: type a recovery code where the code is asked for, then npm-warden 2fa enable.
  npm-warden 2fa disable --yes --otp 123456";

pub(super) const AFTER_RECOVERY_LIST: &str = "\
Reads what is kept on this machine: no sign-in, no network. No code is shown.

Examples:
  npm-warden recovery list
  npm-warden recovery list --account alice --json";

pub(super) const AFTER_RECOVERY_SHOW: &str = "\
Writes the codes to standard output, numbered; used ones are marked. This is the one command that
does. The passphrase of an encrypted file is asked for on the terminal. No sign-in, no network.

SET is the beginning of the time at which the codes were received, as `recovery list` shows it.
Without it, it is the newest set, where all that fit are of one account.

Exit codes: 0 shown; 1 there are none, or they cannot be opened; 2 several sets fit (of several
accounts, or of the time given), or no terminal to ask for the passphrase on; 130 Ctrl-C.

Examples:
  npm-warden recovery show
  npm-warden recovery show --account alice 2026-11-22
  npm-warden recovery show --json";

pub(super) const AFTER_RECOVERY_PROVE: &str = "\
Asks for a part of one code, to see that you can still get at your copy. It is compared on this
machine; no code is shown and none is used up. The word decline ends it without a proof.

Exit codes: 0 proved; 1 not proved; 2 several sets fit (of several accounts, or of the time given),
or no terminal to ask on; 130 Ctrl-C.

Examples:
  npm-warden recovery prove
  npm-warden recovery prove --registry https://registry.example.com/";

pub(super) const AFTER_REVOKE: &str = "\
An ID is the beginning of a token's key, as `npm-warden token list` and npm show it, or the
whole key.
A token's value is never taken on the command line, where other programs can read it: `-` reads
values or ids from standard input, one a line, also as they stand in an .npmrc or a variable:
comments and settings that hold no secret are passed over, and a line that cannot be read is
named. A value is a listed token for sure where its key is the value's digest, or this program
made it. Where only the characters fit that are listed, that is said, and --yes does not revoke
it. A value that is no listed token may be alive all the same: the exit code is 5 unless the
registry refuses it, which --try-out, or a line that names the registry, finds out by sending it
there.

The credential in use goes last, when all others are gone. Exit code 0 means that a fresh list has
none of them any more. A whole key that fits no listed token counts as gone, and so does an ID of a
revocation that was broken off, so that the same command can be given again; any other short ID that
fits none or several ends it before anything is touched.

A token whose value is known here for sure is tried out before and after: verified says that it
worked and is refused now. What is still accepted, or still listed, is looked at again for a while,
and told as what it is. How far it comes is noted, so that --resume goes on with it after an
interruption: it reads the list first, and revokes what is still in it once.

Examples:
  npm-warden token revoke 1f3a9c
      Shows what goes, asks, and asks for a code if the registry wants one.
  npm-warden token revoke --yes --otp 123456 1f3a9c 77b0e2
      Asks nothing, for scripts.
  npm-warden token revoke --yes - < leaked.txt
      By the values in a file.
  npm-warden token revoke --resume
      What a crash or a lost network left over.";

pub(super) const AFTER_CREATE: &str = "\
Standard output carries the value and nothing else; with --write-to it goes into that .npmrc
instead. A sentence says first what the token may do, with what, from where and until when, and is
asked about. What the registry would refuse is said before anything is sent. The password, and a
code, are asked for on the terminal. With none of the options of a granular token it is one of the
old kind. The file of --write-to is looked at before anything is made. Where a token of this
registry stands in it already, that is said, and asked about unless -y is given. No token is made
where standard output is closed or full; where it breaks afterwards, the value is offered on the
terminal, and else to be revoked at once.

When the registry made a token that may do more than was asked for, that is said loudly, with the
offer to revoke it at once; it goes into the file of --write-to only after another yes. The exit
code is 5 then.

Examples:
  npm-warden token create --name ci --packages left-pad
      Least privilege: it may read that package for 7 days.
  npm-warden token create --name release --scopes @acme --expires 30 \\
      --packages-and-scopes-permission read-write --cidr 192.0.2.0/24 \\
      --note 'GitHub secret NPM_TOKEN in o/r'
  npm-warden token create --name ci --packages left-pad -y | gh secret set NPM_TOKEN
      The value goes from one program to the other, past the screen.
  npm-warden token create --name here --packages-all --write-to user
  npm-warden token create --read-only
      For registries that know no other kind.";

pub(super) const AFTER_ROTATE: &str = "\
Makes a token like the old one, puts its value into every .npmrc line that is proved to hold the old
one, sees that the registry takes it, revokes the old one, and sees that it is gone. What only looks
like the old one is left as it is. Wherever it stops, a credential goes on working, and what remains
is said. The value is printed when it stands in no file of this machine.

With --elsewhere the value is printed before, and the old one is revoked only when you say that the
new one is where it is used. So it is, too, where no file of this machine holds the token, unless -y
is given.

How far it comes is noted, so that --resume goes on with it after an interruption, from any folder:
it makes nothing anew, looks where the new value stands, and revokes the old one once that is seen
to work.

Examples:
  npm-warden token rotate 1f3a9c
  npm-warden token rotate --resume
      What a crash or a lost network left over.
  npm-warden token rotate 1f3a9c --elsewhere
      It is a secret of a CI as well.
  npm-warden token rotate 1f3a9c -y --json";

pub(super) const AFTER_LOGIN: &str = "\
Signs in on the registry's website: open the address that is shown, on any device. Where the
registry has no such page, and on a terminal, by user name and password.

The token is kept in your .npmrc, where npm finds it: a plain command has no session of its own
that could outlast it. Only that line changes. In the terminal program (npm-warden without a
command) you can sign in for the session alone.

Examples:
  npm-warden login
  npm-warden login --username alice
  npm-warden login --registry https://registry.example.com/ --sign-up";

pub(super) const AFTER_LOGOUT: &str = "\
Ends the token at the registry, looks whether it is dead, and then takes it out of the file that
held it. A token that other machines use as well is ended there, too.

Exit code 0 means that the registry does not accept it any more and no file holds it; 5 that it
is still accepted, 1 that it still stands somewhere.

Examples:
  npm-warden logout
  npm-warden logout --yes --registry https://registry.example.com/";

pub(super) const AFTER_EMERGENCY: &str = "\
For when a token was stolen, or may have been. It asks first whether this machine is suspect, and
sends nothing before that is answered. Then, asking at each step: what there is, a sign-in for this
alone, the e-mail address, the tokens (those that may write and skip the second factor, those that
may write, those that may read; the one in use last), a fresh list and what is known here tried
out, copies in files, password and second factor, packages, what is out of reach, the report.

Enter alone does no harm anywhere; from three tokens on the count is typed. The word skip goes on
without a step, leave stops; --resume goes on later, reads the truth first, and does nothing twice.
The report is two new files, readable by you alone: npm-incident-<time>.md and .json.

Exit codes: 0 all that was to go is gone; 1 it was left on the way, or this machine is suspect;
2 no terminal to ask on; 3 signed out; 4 a code is wanted; 5 something may be alive still, or the
registry refused; 6 the network; 130 Ctrl-C.

Examples:
  npm-warden emergency --plan
      The whole plan, and what lies on this machine. Sends nothing.
  npm-warden emergency --report ~/incidents
  npm-warden emergency --resume
      Goes on with the one that was interrupted.
  npm-warden --demo
      Rehearse it: press ! in the demo.";
pub(super) const AFTER_MACHINE: &str = "\
Tells what npm would read here: the environment, the .npmrc of the project, yours, the global one
and npm's built-in one, with mode, link and whether git keeps it; every credential in them, which
one npm uses for its registry, whether the token itself stands there or a variable, and how it
begins. No value is shown, and nothing is sent. With --probe each credential is tried out, at its
own registry alone.

Exit codes: 0 told; with --check 1 where something should be mended: a file with a credential that
others can read or that git keeps, or with --probe a credential that its registry refuses
or that could not be tried out: its registry was not reached, or its variable is not set.

Examples:
  npm-warden machine
  npm-warden machine --probe --json
  npm-warden machine fix tighten ~/.npmrc
  npm-warden machine fix to-variable ~/.npmrc:3 NPM_TOKEN
  npm-warden machine fix remove ~/.npmrc:5";

pub(super) const AFTER_FIX: &str = "\
Shows what would change, and what to know about it, on standard error; then asks. Everything else in
the file stays as it is, and a file that changed meanwhile is left alone. Nothing is sent.

Exit codes: 0 done; 1 you answered no, or it could not be done; 2 no terminal to ask on (--yes asks
nothing), or there is no such line; 130 Ctrl-C.

Examples:
  npm-warden machine fix tighten --yes ~/.npmrc
  npm-warden machine fix to-variable ~/.npmrc:3 NPM_TOKEN
  npm-warden machine fix remove ~/.npmrc:5";
