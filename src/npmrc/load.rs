//! Finding the layers, reading them, and drawing the configuration from them.

use std::path::{Path, PathBuf};

use url::Url;
use zeroize::Zeroizing;

use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;

use super::document::Document;
use super::file::{self, Unread};
use super::layers::{Env, Kind, Layer, Layers, Setting, Value};
use super::network::Reader;
use super::{Config, DEFAULT_REGISTRY, Inputs, Network, credential, is_loopback, locate};

/// Reads the configuration.
///
/// Fails for what the person asked for by name and cannot be had: a `--userconfig` that is there and cannot be
/// read, a `--registry` that is no address. Everything else that is wrong is a problem in the result.
pub fn load(inputs: &Inputs) -> Result<Config, Failure> {
    let wanted = inputs.registry.as_deref().map(named_registry).transpose()?;
    let mut loader = Loader::new(inputs, None);
    loader.read_layers()?;
    let registry = match wanted {
        Some(registry) => registry,
        None => loader.registry(),
    };
    let Loader {
        layers,
        env,
        searched,
        mut problems,
        user,
        home,
        ..
    } = loader;
    if registry.scheme() == "http" && !is_loopback(&registry) {
        problems.push(Text::new(&format!(
            "The registry {registry} is not encrypted, and nothing is sent to it from here. Use its https address."
        )));
    }
    let (credential, wrong) = credential::find(&layers, &registry);
    problems.extend(wrong);
    problems.extend(unscoped(&layers, &registry));
    problems.extend(with_scheme(&layers));
    let network = Reader {
        layers: &layers,
        env,
        cwd: &inputs.cwd,
        home: inputs.home.as_deref(),
    }
    .read(&mut problems);
    Ok(Config {
        sign_in: sign_in(inputs, &registry),
        user_file: user.map(|file| locate::shown(&file, home)),
        registry,
        credential,
        searched,
        problems,
        network,
    })
}

/// `npm login` for the same registry and the same file. Where a password would go out unencrypted it is not advised.
fn sign_in(inputs: &Inputs, registry: &Url) -> Option<Text> {
    if registry.scheme() != "https" && !is_loopback(registry) {
        return None;
    }
    let file = inputs.userconfig.as_ref().map(|file| {
        let file = file.to_string_lossy();
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-~+@:".contains(c);
        if file.chars().all(plain) {
            format!(" --userconfig {file}")
        } else {
            format!(" --userconfig '{}'", file.replace('\'', "'\\''"))
        }
    });
    let command = format!(
        "npm login --registry {registry}{}",
        file.unwrap_or_default()
    );
    Some(Text::new(&command))
}

/// The layers alone, for who is to change one of their files.
pub(super) struct Sources {
    pub(super) layers: Layers,
    /// The person's own file, also when it is not there.
    pub(super) user: Option<PathBuf>,
    /// The files, best first, whether they are there or not.
    pub(super) files: Vec<(Kind, PathBuf)>,
}

/// Reads the layers, with these bytes in place of what that file holds. The file is named without links.
pub(super) fn sources(
    inputs: &Inputs,
    instead: Option<(&Path, &[u8])>,
) -> Result<Sources, Failure> {
    let mut loader = Loader::new(inputs, instead);
    loader.read_layers()?;
    Ok(Sources {
        layers: loader.layers,
        user: loader.user,
        files: loader.files,
    })
}

/// Everything, for who looks around. Nothing that is wrong ends it.
pub(super) struct Everything {
    pub(super) layers: Layers,
    /// The files, best first, each with what was read in it.
    pub(super) readings: Vec<Reading>,
    /// The folder that files are named from.
    pub(super) cwd: PathBuf,
    /// The registry in force.
    pub(super) registry: Url,
    /// All that the configuration names, the one in force first.
    pub(super) registries: Vec<Url>,
    /// What is wrong with the registry's address, or with where files are looked for.
    pub(super) problems: Vec<Text>,
}

/// A file of the configuration.
pub(super) struct Reading {
    pub(super) kind: Kind,
    pub(super) path: PathBuf,
    pub(super) shown: Text,
    pub(super) found: Result<Document, Unread>,
}

/// Reads the configuration with all that is in it, with these bytes in place of what that file holds, which is named
/// without links.
pub(super) fn everything(inputs: &Inputs, instead: Option<(&Path, &[u8])>) -> Everything {
    let mut loader = Loader::new(inputs, instead);
    loader.lenient = true;
    // It fails only for what is not lenient.
    let _ = loader.read_layers();
    // What is wrong with a file is told with the file.
    loader.problems.clear();
    loader.passed_over();
    let registry = match inputs.registry.as_deref().map(named_registry) {
        Some(Ok(registry)) => registry,
        Some(Err(failure)) => {
            loader.problems.push(Text::new(&failure.to_string()));
            loader.registry()
        }
        None => loader.registry(),
    };
    let mut registries = vec![registry.clone()];
    for setting in loader
        .layers
        .0
        .iter()
        .flat_map(|layer| &layer.settings)
        .filter(|setting| {
            let key = setting.key.expose();
            key == "registry" || key.starts_with('@') && key.ends_with(":registry")
        })
    {
        if let Some((url, _)) = setting.value.text().and_then(address)
            && !registries.contains(&url)
        {
            registries.push(url);
        }
    }
    Everything {
        layers: loader.layers,
        readings: loader.readings,
        cwd: inputs.cwd.clone(),
        registry,
        registries,
        problems: loader.problems,
    }
}

impl Everything {
    /// Proxy, certificates and time-out.
    pub(super) fn network(&self, inputs: &Inputs) -> (Network, Vec<Text>) {
        let mut problems = Vec::new();
        let network = Reader {
            layers: &self.layers,
            env: Env(&inputs.env),
            cwd: &inputs.cwd,
            home: inputs.home.as_deref(),
        }
        .read(&mut problems);
        (network, problems)
    }
}

struct Loader<'a> {
    inputs: &'a Inputs,
    env: Env<'a>,
    home: Option<&'a Path>,
    instead: Option<(&'a Path, &'a [u8])>,
    layers: Layers,
    /// npm's own, which names files for the others and is read last.
    builtin: Option<(PathBuf, Layer)>,
    user: Option<PathBuf>,
    files: Vec<(Kind, PathBuf)>,
    searched: Vec<Text>,
    problems: Vec<Text>,
    /// What was read is kept, and a file that was asked for by name and cannot be had is like any other.
    lenient: bool,
    readings: Vec<Reading>,
}

impl<'a> Loader<'a> {
    fn new(inputs: &'a Inputs, instead: Option<(&'a Path, &'a [u8])>) -> Self {
        Self {
            inputs,
            env: Env(&inputs.env),
            home: inputs.home.as_deref(),
            instead,
            layers: Layers::default(),
            builtin: None,
            user: None,
            files: Vec::new(),
            searched: Vec::new(),
            problems: Vec::new(),
            lenient: false,
            readings: Vec::new(),
        }
    }

    fn read_layers(&mut self) -> Result<(), Failure> {
        self.builtin = self.find_builtin();
        self.layers.0.push(Layer::from_env(self.env));
        self.searched
            .push(Text::new("environment (npm_config_\u{2026})"));
        if !self.is_global() {
            let file = locate::project_root(&self.inputs.cwd).join(".npmrc");
            if Some(&file) != self.userconfig().as_ref() {
                self.read_layer(Kind::Project, &file);
            }
        }
        if let Some(file) = self.userconfig() {
            if self.inputs.userconfig.is_some() && !self.lenient {
                self.must_be_readable(&file)?;
            }
            self.read_layer(Kind::User, &file);
            self.user = Some(file);
        }
        if let Some(file) = self.globalconfig() {
            self.read_layer(Kind::Global, &file);
        }
        if let Some((file, _)) = self.builtin.take() {
            self.read_layer(Kind::Builtin, &file);
        }
        Ok(())
    }

    fn find_builtin(&self) -> Option<(PathBuf, Layer)> {
        let file = locate::builtin(self.env)?;
        let document = Document::parse(&self.bytes(&file).ok()?);
        let shown = locate::shown(&file, self.home);
        let layer = Layer::from_document(Kind::Builtin, &document, &shown, self.env);
        Some((file, layer))
    }

    /// The setting that wins, by the layers that are read so far.
    fn setting(&self, key: &str) -> Option<&Setting> {
        let builtin = || self.builtin.as_ref()?.1.get(key);
        self.layers.get(key).or_else(builtin)
    }

    /// A project's file that npm does not read.
    fn passed_over(&mut self) {
        let file = locate::project_root(&self.inputs.cwd).join(".npmrc");
        if self.is_global() && Some(&file) != self.user.as_ref() && file.exists() {
            self.problems.push(Text::new(&format!(
                "npm's global mode is set (global or location), so npm does not read {}, and neither does npm-warden.",
                locate::shown(&file, self.home)
            )));
        }
    }

    /// npm's global mode, in which there is no project.
    fn is_global(&self) -> bool {
        let value = |key| self.setting(key).map(|setting| &setting.value);
        matches!(value("global"), Some(Value::True))
            || value("location").and_then(Value::text) == Some("global")
    }

    /// The user's file, by the layers that are read so far.
    fn userconfig(&self) -> Option<PathBuf> {
        if let Some(named) = &self.inputs.userconfig {
            // A shell replaces `~`, but not in `--userconfig=~/file`.
            return Some(match named.to_str() {
                Some(raw) => self.path(raw),
                None => locate::resolve(&self.inputs.cwd, named),
            });
        }
        match self.text("userconfig") {
            Some(raw) => Some(self.path(raw)),
            None => self.home.map(|home| home.join(".npmrc")),
        }
    }

    fn globalconfig(&self) -> Option<PathBuf> {
        if let Some(raw) = self.text("globalconfig") {
            return Some(self.path(raw));
        }
        let prefix = match self.text("prefix") {
            Some(raw) => self.path(raw),
            None => locate::default_prefix(self.env)?,
        };
        Some(locate::resolve(&self.inputs.cwd, &prefix).join("etc/npmrc"))
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.setting(key)?.value.text()
    }

    fn path(&self, raw: &str) -> PathBuf {
        locate::setting_path(raw, &self.inputs.cwd, self.home)
    }

    fn must_be_readable(&mut self, path: &Path) -> Result<(), Failure> {
        let why = match file::read(path) {
            Ok(_) => return Ok(()),
            // It may be gone for a good reason: `npm logout` removes a file that it leaves empty.
            Err(Unread::Missing) => {
                self.problems.push(Text::new(&format!(
                    "{}, given with --userconfig, does not exist; npm makes it when you sign in.",
                    locate::shown(path, self.home)
                )));
                return Ok(());
            }
            Err(Unread::Because(why)) => why,
        };
        Err(Failure::new(
            FailureKind::Local,
            format!(
                "The file {} given with --userconfig {why}.",
                locate::shown(path, self.home)
            ),
            "Give the path of a readable .npmrc file, or leave --userconfig out.",
        ))
    }

    fn read_layer(&mut self, kind: Kind, path: &Path) {
        let shown = locate::shown(path, self.home);
        self.files.push((kind, path.to_owned()));
        let found = self.bytes(path).map(|bytes| Document::parse(&bytes));
        match &found {
            Ok(document) => {
                for (number, line) in document.lines() {
                    if let Some(oddity) = line.oddity() {
                        self.problems.push(Text::new(&format!(
                            "{shown}, line {number} {}",
                            oddity.words()
                        )));
                    }
                }
                let layer = Layer::from_document(kind, document, &shown, self.env);
                self.layers.0.push(layer);
                self.searched.push(shown.clone());
            }
            Err(Unread::Missing) => self
                .searched
                .push(Text::new(&format!("{shown} (not there)"))),
            Err(Unread::Because(why)) => {
                self.problems.push(Text::new(&format!(
                    "{shown} {why}, so nothing in it counts. Make it a readable file, or remove it."
                )));
                self.searched
                    .push(Text::new(&format!("{shown} (not readable)")));
            }
        }
        if self.lenient {
            self.readings.push(Reading {
                kind,
                path: path.to_owned(),
                shown,
                found,
            });
        }
    }

    fn bytes(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Unread> {
        match self.instead {
            Some((file, bytes)) if file::real(path).is_ok_and(|real| real == file) => {
                Ok(Zeroizing::new(bytes.to_vec()))
            }
            _ => file::read(path),
        }
    }

    /// The registry of the highest layer that names a usable one, as npm falls through.
    fn registry(&mut self) -> Url {
        for layer in &self.layers.0 {
            let Some(setting) = layer.get("registry") else {
                continue;
            };
            let found = if setting.unset.is_empty() {
                setting.value.text().and_then(address)
            } else {
                None
            };
            if let Some((url, stripped)) = found {
                if stripped {
                    self.problems.push(Text::new(&format!(
                        "The registry in {} is more than an address: its user name, password, query or fragment is not used. \
                         Remove it there.",
                        setting.place
                    )));
                }
                return url;
            }
            self.problems.push(no_address(setting));
        }
        default_registry()
    }
}

fn default_registry() -> Url {
    Url::parse(DEFAULT_REGISTRY).expect("the built-in address is a valid one")
}

fn no_address(setting: &Setting) -> Text {
    let why = match setting.unset.first() {
        Some(variable) => format!("uses {variable}, which is not set"),
        None => "names a registry that is not an http or https address".to_owned(),
    };
    Text::new(&format!(
        "{} {why}, so it is passed over. Correct it, or start with --registry.",
        setting.place
    ))
}

fn named_registry(raw: &str) -> Result<Url, Failure> {
    match address(raw) {
        Some((url, false)) => Ok(url),
        Some((_, true)) => Err(Failure::new(
            FailureKind::Local,
            "The address given with --registry holds a user name, a password, a query or a fragment.",
            "Give the address alone; credentials belong into .npmrc.",
        )),
        None => Err(Failure::new(
            FailureKind::Local,
            "What was given with --registry is not an http or https address.",
            "Write it in full, such as https://registry.example.com/.",
        )),
    }
}

/// A registry's address with one trailing slash, and whether anything was taken off it.
fn address(raw: &str) -> Option<(Url, bool)> {
    let mut url = Url::parse(raw.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let stripped = !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some();
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    let path = format!("{}/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Some((url, stripped))
}

/// Keys of credentials that no registry is named for.
pub(super) const UNSCOPED: [&str; 6] = [
    "_auth",
    "_authToken",
    "username",
    "_password",
    "_authtoken",
    "-authtoken",
];

/// Credentials that no registry is named for.
fn unscoped(layers: &Layers, registry: &Url) -> Vec<Text> {
    let mut problems = Vec::new();
    for layer in &layers.0 {
        for key in UNSCOPED {
            if let Some(setting) = layer.get(key)
                && counts(setting)
            {
                problems.push(for_no_registry(layer, setting, registry));
            }
        }
    }
    problems
}

/// npm finds something under such a key: a list or an object, too.
fn counts(setting: &Setting) -> bool {
    setting.value.text().is_some() || matches!(setting.value, Value::List(_) | Value::Other)
}

/// What npm has under such a key of this layer is what it gives up for: it runs no command but `npm config` then, whatever
/// other credentials there are. Of variables and of its built-in file it takes no notice.
pub(super) fn is_refused(layer: &Layer, key: &str) -> bool {
    matches!(layer.kind, Kind::Project | Kind::User | Kind::Global)
        && UNSCOPED.contains(&key)
        && layer.get(key).is_some_and(counts)
}

/// Why npm does not use such a credential.
pub(super) fn for_no_registry(layer: &Layer, setting: &Setting, registry: &Url) -> Text {
    let key = setting.key.expose().as_str();
    let home = format!(
        "//{}{}",
        &registry[url::Position::BeforeHost..url::Position::AfterPort],
        registry.path()
    );
    let refused = if is_refused(layer, key) {
        "npm refuses every command"
    } else {
        "npm does not use it"
    };
    // npm takes the two of a pair from one file alone.
    let partner = match key {
        "username" => Some("_password"),
        "_password" => Some("username"),
        _ => None,
    };
    let alone = partner.filter(|partner| !layer.get(partner).is_some_and(counts));
    let next = match (layer.kind.is_file(), key, alone) {
        (true, "_authtoken" | "-authtoken", _) => "Remove the line.".to_owned(),
        (true, _, Some(partner)) => {
            format!("Remove the line: there is no {partner} beside it.")
        }
        (true, ..) => format!("Write the key as {home}:{key}, or remove the line."),
        (false, ..) => "Remove the variable; sign in with `npm login` instead.".to_owned(),
    };
    Text::new(&format!(
        "{} holds {key} without saying for which registry, so {refused}. {next}",
        setting.place
    ))
}

/// Credentials below a key that begins with `https:`, a common slip: npm finds none of them.
fn with_scheme(layers: &Layers) -> Vec<Text> {
    let settings = layers.0.iter().flat_map(|layer| &layer.settings);
    settings
        .filter(|setting| {
            let key = setting.key.expose();
            key.split_once("//").is_some_and(|(scheme, rest)| {
                matches!(scheme, "https:" | "http:")
                    && super::document::is_credential_key(&format!("//{rest}"))
            })
        })
        .map(begins_with_scheme)
        .collect()
}

/// Why npm does not find such a credential.
pub(super) fn begins_with_scheme(setting: &Setting) -> Text {
    Text::new(&format!(
        "{} has a credential whose key begins with http: or https:, so npm does not find it. \
         Begin the key with the two slashes.",
        setting.place
    ))
}
