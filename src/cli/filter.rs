//! The options that say whom or what a question is about.

use std::path::PathBuf;

use anyhow::Result;
use jiff::civil::Date;

use super::asked::{Asked, not_found};
use super::{Context, parse_day};
use crate::geo::LonLat;
use crate::msg;
use crate::query::filter::{Area, Class, Condition, Filter, FilterError, Span, buildings_touching};
use crate::query::table::TableKind;
use crate::store::kept::{KeptFilter, filters};
use crate::text::Message;

#[derive(clap::Args)]
#[command(next_help_heading = "Filter")]
pub(super) struct FilterArgs {
    /// File with a filter, or the name of one that was kept in the window; the other options narrow
    /// it down
    #[arg(long = "filter", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Tag, by code or label; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Only people who carry all of the tags
    #[arg(long)]
    all: bool,
    /// Only people who do not carry this tag; may be repeated
    #[arg(long, value_name = "TAG")]
    not_tag: Vec<String>,
    /// Ages in completed years, both ends included
    #[arg(long, value_name = "A..B", value_parser = parse_ages)]
    age: Option<Span<i16>>,
    /// Population type: registered, floating or overseas
    #[arg(long, value_name = "TYPE")]
    population: Vec<String>,
    /// Sex: male or female
    #[arg(long)]
    sex: Vec<String>,
    /// Relation to the head of the household
    #[arg(long)]
    relation: Vec<String>,
    /// Role in the room: owner, family or tenant
    #[arg(long)]
    role: Vec<String>,
    /// What is concluded: alone, over_80, minor_alone, registered_not_living,
    /// living_not_registered, review_overdue, crowded or empty
    #[arg(long, value_name = "CLASS", value_parser = parse_class)]
    class: Vec<Class>,
    /// Only people of 60 and over who are their room's one resident
    #[arg(long)]
    alone: bool,
    /// Status of the room
    #[arg(long, value_name = "STATUS")]
    room_status: Vec<String>,
    /// Kind of the room
    #[arg(long, value_name = "KIND")]
    room_kind: Vec<String>,
    /// Area of the room, square metres, both ends included
    #[arg(long, value_name = "A..B", value_parser = parse_area)]
    area: Option<Span<f64>>,
    /// Not verified since this day, or never: people, or rooms where rooms are asked for
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    verified_before: Option<Date>,
    /// Code of a grid
    #[arg(long)]
    grid: Vec<String>,
    /// Name of an estate
    #[arg(long)]
    estate: Vec<String>,
    /// Code of a building
    #[arg(long, value_name = "CODE")]
    building: Vec<String>,
    /// Only buildings within --radius metres of this: longitude,latitude, the code of a building, or
    /// event: and a number
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    around: Option<String>,
    /// Metres around --around
    #[arg(long, default_value = "100", requires = "around", value_parser = parse_radius)]
    radius: f64,
    /// Only buildings that touch the polygons of a GeoJSON file (WGS-84)
    #[arg(long, value_name = "FILE")]
    within: Option<PathBuf>,
    /// Only buildings with an enterprise of this kind, and these enterprises
    #[arg(long, value_name = "KIND")]
    enterprise_kind: Vec<String>,
    /// Only buildings with an open event of this category, and these events
    #[arg(long, value_name = "CATEGORY")]
    open_event: Vec<String>,
}

/// Reads `60..79`, `80..` or `..17`; one number is that age alone.
fn parse_ages(text: &str) -> Result<Span<i16>, Message> {
    let wrong = || Message::from("ages such as 60..79, 80.. or ..17");
    let number = |t: &str| t.parse::<i16>().ok().filter(|age| (0..=200).contains(age));
    parse_span(text, number).ok_or_else(wrong)
}

/// Reads `50..90.5`, `50..` or `..90`.
fn parse_area(text: &str) -> Result<Span<f64>, Message> {
    let wrong = || Message::from("square metres such as 50..90, 50.. or ..90");
    let number = |t: &str| t.parse::<f64>().ok().filter(|m2| (0.0..=1e6).contains(m2));
    parse_span(text, number).ok_or_else(wrong)
}

fn parse_span<T: PartialOrd + Copy>(
    text: &str,
    number: impl Fn(&str) -> Option<T>,
) -> Option<Span<T>> {
    let (low, high) = text.split_once("..").unwrap_or((text, text));
    let high = high.trim_start_matches('=');
    let end = |t: &str| if t.is_empty() { Some(None) } else { number(t).map(Some) };
    let span = Span { from: end(low)?, to: end(high)? };
    (!span.is_empty() && (span.from.is_some() || span.to.is_some())).then_some(span)
}

fn parse_radius(text: &str) -> Result<f64, Message> {
    let metres: Option<f64> = text.parse().ok().filter(|m| (1.0..=100_000.0).contains(m));
    metres.ok_or_else(|| Message::from("from 1 to 100000 metres"))
}

fn parse_class(text: &str) -> Result<Class, Message> {
    Class::of_word(&text.replace('-', "_")).ok_or_else(|| {
        let known: Vec<&str> = Class::ALL.iter().map(|class| class.word()).collect();
        msg!("{} is not one of {}", text, known.join(" "))
    })
}

fn read_text(path: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|e| not_found(msg!("{} cannot be read: {}", path.display(), e)))
}

fn failed(error: FilterError) -> anyhow::Error {
    match error {
        FilterError::Store(error) => error.into(),
        other => not_found(other.message()),
    }
}

impl FilterArgs {
    /// The filter that the options mean, asked of rows of a kind.
    ///
    /// # Errors
    /// A file that cannot be read or holds no filter; a place that is none.
    fn filter(&self, kind: TableKind, kept: &[KeptFilter]) -> Result<Filter> {
        let is_of_people = matches!(kind, TableKind::Persons | TableKind::Households);
        let (any_tags, all_tags) = if self.all {
            (Vec::new(), self.tags.clone())
        } else {
            (self.tags.clone(), Vec::new())
        };
        let mut areas = Vec::new();
        if let Some(text) = &self.around {
            areas.push(match (text.strip_prefix("event:"), LonLat::parse(text)) {
                (Some(no), _) => Area::AroundEvent { no: no.to_owned(), radius_m: self.radius },
                (_, Some(p)) => Area::Around { lon: p.lon, lat: p.lat, radius_m: self.radius },
                _ if text.contains(',') => {
                    anyhow::bail!(msg!("{} is not a longitude,latitude in degrees", text))
                }
                _ => Area::AroundBuilding { code: text.clone(), radius_m: self.radius },
            });
        }
        let mut filter = Filter {
            any_tags,
            all_tags,
            no_tags: self.not_tag.clone(),
            ages: self.age,
            sexes: self.sex.clone(),
            population_types: self.population.clone(),
            relations: self.relation.clone(),
            roles: self.role.clone(),
            classes: self.class.clone(),
            verified_before: self.verified_before.filter(|_| is_of_people),
            room_verified_before: self.verified_before.filter(|_| !is_of_people),
            room_statuses: self.room_status.clone(),
            room_kinds: self.room_kind.clone(),
            area_m2: self.area,
            grids: self.grid.clone(),
            estates: self.estate.clone(),
            buildings: (!self.building.is_empty()).then(|| self.building.clone()),
            areas,
            enterprise_kinds: self.enterprise_kind.clone(),
            open_events: self.open_event.clone(),
            ..Filter::default()
        };
        if self.alone && !filter.classes.contains(&Class::Alone) {
            filter.classes.push(Class::Alone);
        }
        if let Some(path) = &self.within {
            let shapes = Area::of_geojson(&read_text(path)?).map_err(failed)?;
            // Both places must hold: the shape stands in a filter of its own.
            if filter.areas.is_empty() {
                filter.areas.push(shapes);
            } else {
                filter.inside.push(Filter { areas: vec![shapes], ..Filter::default() });
            }
        }
        if let Some(path) = &self.file {
            // A file, or else a filter that was kept under this name.
            let name = path.to_string_lossy();
            let kept = kept.iter().find(|kept| !path.exists() && kept.name == name);
            let text = kept.map_or_else(|| read_text(path), |kept| Ok(kept.filter.clone()))?;
            let saved = Filter::of_json(text.trim_start_matches('\u{feff}'))
                .map_err(|e| not_found(msg!("{} is no filter: {}", path.display(), e)))?;
            if filter.is_empty() {
                filter = saved;
            } else {
                filter.inside.push(saved);
            }
        }
        Ok(filter)
    }

    /// The filter against a workspace.
    ///
    /// # Errors
    /// As [`FilterArgs::filter`]; a word that the workspace does not know; a condition that can
    /// never hold.
    pub(super) fn condition(
        &self,
        context: &Context,
        asked: &Asked,
        kind: TableKind,
    ) -> Result<(Filter, Condition)> {
        let filter = self.filter(kind, &filters(&asked.reader)?)?;
        let condition = resolve(context, asked, &filter)?;
        Ok((filter, condition))
    }
}

/// A filter against a workspace.
///
/// # Errors
/// A word that the workspace does not know; a condition that can never hold.
pub(super) fn resolve(context: &Context, asked: &Asked, filter: &Filter) -> Result<Condition> {
    let find = |area: &geo::MultiPolygon| buildings_touching(&asked.reader, area);
    Condition::of(&asked.reader, &asked.vocabulary, filter, context.today, &find).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        assert_eq!(parse_ages("60..79").unwrap(), Span::new(60, 79));
        assert_eq!(parse_ages("80..").unwrap(), Span { from: Some(80), to: None });
        assert_eq!(parse_ages("..17").unwrap(), Span { from: None, to: Some(17) });
        assert_eq!(parse_ages("65").unwrap(), Span::new(65, 65));
        assert_eq!(parse_area("50..90.5").unwrap(), Span::new(50.0, 90.5));
        for wrong in ["x", "9..3", "..", "", "-3..4", "900.."] {
            assert!(parse_ages(wrong).is_err(), "{wrong}");
        }
        assert!(parse_area("nan..").is_err());
    }
}
