//! The JSON of a package, of which little is kept.

use std::cmp::Reverse;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::{moment, text};
use crate::domain::package::PackageFacts;
use crate::domain::text::Text;

/// How many of the last versions are kept.
const RECENT: usize = 10;
/// How many owners are kept.
const OWNERS: usize = 100;

/// The document of a package.
#[derive(Deserialize)]
pub(in super::super) struct WirePackage {
    #[serde(default, rename = "dist-tags")]
    tags: Value,
    #[serde(default)]
    maintainers: Value,
    #[serde(default)]
    time: Times,
}

impl WirePackage {
    /// What is known of the package now.
    pub(in super::super) fn read(self, package: &PackageFacts) -> PackageFacts {
        let mut published = self.time.0;
        published.sort_by(|a, b| (Reverse(a.1), &b.0).cmp(&(Reverse(b.1), &a.0)));
        let latest = text(self.tags.get("latest")).map(|latest| {
            let at = published.iter().find(|(version, _)| *version == latest);
            let at = at.map(|(_, at)| *at);
            (latest, at)
        });
        published.truncate(RECENT);
        let owners = self.maintainers.as_array().map_or(&[][..], Vec::as_slice);
        PackageFacts {
            latest,
            recent: published,
            owners: owners.iter().filter_map(owner).take(OWNERS).collect(),
            unread: None,
            ..package.clone()
        }
    }
}

/// An owner's name: `{"name":…}`, or `name <address>` of old.
fn owner(value: &Value) -> Option<Text> {
    text(value.get("name")).or_else(|| {
        let name = value.as_str()?.split('<').next()?;
        Some(Text::new(name)).filter(|name| !name.is_empty())
    })
}

/// What an account may do with a package, in the registry's word.
pub(in super::super) fn access(word: &Value) -> Text {
    text(Some(word)).unwrap_or_default()
}

/// When each version was published. `created` and `modified` are no versions.
#[derive(Default)]
struct Times(Vec<(Text, Timestamp)>);

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;

        impl<'de> Visitor<'de> for Map {
            type Value = Times;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the times of versions")
            }

            fn visit_unit<E>(self) -> Result<Times, E> {
                Ok(Times::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Times, A::Error> {
                let mut times = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    if matches!(key.as_str(), "created" | "modified" | "unpublished") {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let at: Value = map.next_value()?;
                    let version = Text::new(&key);
                    if let (Some(at), false) = (moment(Some(&at)), version.is_empty()) {
                        times.push((version, at));
                    }
                }
                Ok(Times(times))
            }
        }

        deserializer.deserialize_any(Map)
    }
}
