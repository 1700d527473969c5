//! The options that say whom or what a question is about.

use std::ops::RangeInclusive;
use std::sync::Arc;

use anyhow::Result;

use super::asked::{Asked, not_found};
use crate::domain::codes::list;
use crate::geo::LonLat;
use crate::map::{Scene, select};
use crate::msg;
use crate::query::FocusFilter;
use crate::store::features::MapBuildings;
use crate::store::lookup;
use crate::text::Message;

#[derive(clap::Args)]
pub(super) struct FilterArgs {
    /// Tag, by code or label; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Only people who carry all of the tags
    #[arg(long)]
    all: bool,
    /// Ages in completed years, both ends included
    #[arg(long, value_name = "A..B", value_parser = parse_ages)]
    age: Option<RangeInclusive<i16>>,
    /// Population type: registered, floating or overseas
    #[arg(long, value_name = "TYPE")]
    population: Option<String>,
    /// Sex: male or female
    #[arg(long)]
    sex: Option<String>,
    /// Code of a grid
    #[arg(long)]
    grid: Option<String>,
    /// Only buildings within --radius metres of this longitude,latitude
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true)]
    around: Option<String>,
    /// Metres around --around
    #[arg(long, default_value = "100", requires = "around", value_parser = parse_radius)]
    radius: f64,
    /// Only people of 60 and over who are their room's one resident
    #[arg(long)]
    alone: bool,
}

/// Reads `60..79`, `80..` or `..17`; one number is that age alone.
fn parse_ages(text: &str) -> Result<RangeInclusive<i16>, Message> {
    let wrong = || Message::from("ages such as 60..79, 80.. or ..17");
    let number = |t: &str, default: i16| {
        if t.is_empty() { Ok(default) } else { t.parse().map_err(|_| wrong()) }
    };
    let (low, high) = text.split_once("..").unwrap_or((text, text));
    let ages = number(low, 0)?..=number(high.trim_start_matches('='), 200)?;
    if ages.is_empty() { Err(wrong()) } else { Ok(ages) }
}

fn parse_radius(text: &str) -> Result<f64, Message> {
    let metres: Option<f64> = text.parse().ok().filter(|m| (1.0..=100_000.0).contains(m));
    metres.ok_or_else(|| Message::from("from 1 to 100000 metres"))
}

impl FilterArgs {
    /// The filter that the options mean.
    ///
    /// # Errors
    /// A tag, a word, a grid that the workspace does not know; a position that is none.
    pub(super) fn filter(&self, asked: &Asked) -> Result<FocusFilter> {
        let v = &asked.vocabulary;
        let mut tags = Vec::new();
        for text in &self.tags {
            let tag = v.find_tag(text).ok_or_else(|| {
                let known: Vec<&str> = v.tags.iter().map(|t| t.code.as_str()).collect();
                not_found(msg!("no tag {}; tags: {}", text, known.join(" ")))
            })?;
            tags.extend(v.tag_position(tag.tag_id));
        }
        let key = |list: &'static str, text: &Option<String>| -> Result<Option<i64>> {
            let Some(text) = text else { return Ok(None) };
            let found = v.lists.parse(list, text);
            found.map(Some).ok_or_else(|| {
                let known: Vec<&str> = v.lists.entries(list).map(|e| e.code.as_str()).collect();
                not_found(msg!("{} is not one of {}", text, known.join(" ")))
            })
        };
        let grid_id = match &self.grid {
            None => None,
            Some(code) => Some(
                lookup::grid_id(&asked.reader, code)?
                    .ok_or_else(|| not_found(msg!("no grid has the code {}", code)))?,
            ),
        };
        let within = match &self.around {
            None => None,
            Some(text) => {
                let center = LonLat::parse(text).ok_or_else(|| {
                    anyhow::anyhow!(msg!("{} is not a longitude,latitude in degrees", text))
                })?;
                let buildings =
                    Scene::of_buildings(Arc::new(MapBuildings::read(&asked.workspace)?));
                Some(select::within(&buildings, center, self.radius).into())
            }
        };
        Ok(FocusFilter {
            tags,
            all_tags: self.all,
            ages: self.age.clone(),
            population_type: key(list::POPULATION_TYPE, &self.population)?,
            sex: key(list::SEX, &self.sex)?,
            grid_id,
            lives_alone: self.alone,
            within,
        })
    }

    /// The options in words, for the audit log.
    pub(super) fn words(&self) -> String {
        let mut words: Vec<String> = self.tags.iter().map(|tag| format!("tag={tag}")).collect();
        if self.all {
            words.push("all".to_owned());
        }
        if let Some(ages) = &self.age {
            words.push(format!("age={}..{}", ages.start(), ages.end()));
        }
        let named = [
            ("population", &self.population),
            ("sex", &self.sex),
            ("grid", &self.grid),
            ("around", &self.around),
        ];
        words.extend(
            named
                .iter()
                .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}={value}"))),
        );
        if self.around.is_some() {
            words.push(format!("radius={}", self.radius));
        }
        if self.alone {
            words.push("alone".to_owned());
        }
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        assert_eq!(parse_ages("60..79").unwrap(), 60..=79);
        assert_eq!(parse_ages("80..").unwrap(), 80..=200);
        assert_eq!(parse_ages("..17").unwrap(), 0..=17);
        assert_eq!(parse_ages("65").unwrap(), 65..=65);
        assert!(parse_ages("x").is_err());
        assert!(parse_ages("9..3").is_err());
    }
}
