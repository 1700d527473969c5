//! `menpai clock`: the promise and the working hours that events are measured by.

use std::path::PathBuf;

use anyhow::Result;
use jiff::civil::Date;
use serde_json::json;

use super::asked::{ask, not_found, say};
use super::{Context, parse_day};
use crate::access::AuditEntry;
use crate::domain::codes::list;
use crate::domain::workflow::calendar::{Counting, parse_slots, slots_text};
use crate::domain::workflow::clock::{Allowance, Milestone, UNGRADED, USUAL_WARNINGS};
use crate::msg;
use crate::query::Vocabulary;
use crate::store::OpenMode;
use crate::store::clock_change::{self, ClockChange};
use crate::store::deadlines::Deadlines;
use crate::text::workflow::{label, word_of};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai clock my.gpkg
  menpai clock my.gpkg --set simple.solution=60 --set complex.solution=960:working
  menpai clock my.gpkg --slots 08:30-12:00,14:00-17:30 --holiday 2026-10-01 --workday 2026-10-10")]
pub(super) struct Args {
    /// Workspace
    workspace: PathBuf,
    /// What a grade is promised, in minutes, :working for working time, none to promise it no more: simple.solution=40
    #[arg(long, value_name = "GRADE.MILESTONE=MINUTES[:working]")]
    set: Vec<String>,
    /// Working hours of a day: 08:30-12:00,14:00-17:30
    #[arg(long, value_name = "SLOTS")]
    slots: Option<String>,
    /// A day that is free, whatever its weekday; may be given again
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    holiday: Vec<Date>,
    /// A day that is worked, whatever its weekday; may be given again
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    workday: Vec<Date>,
    /// A day that is as its weekday says again; may be given again
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    usual_day: Vec<Date>,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

/// Reads `simple.solution=40:working`; no minutes mean that it is promised no more.
fn allowance(v: &Vocabulary, text: &str) -> Result<(i64, Milestone, Option<(i64, Counting)>)> {
    let wrong =
        || not_found(msg!("{} is not understood: write simple.solution=40 or 40:working", text));
    let (what, value) = text.split_once('=').ok_or_else(wrong)?;
    let (grade, milestone) = what.split_once('.').ok_or_else(wrong)?;
    let severity = if grade == "ungraded" {
        UNGRADED
    } else {
        super::event::key_of(v, list::EVENT_SEVERITY, grade)?
    };
    let word = word_of("milestone", milestone).ok_or_else(wrong)?;
    let milestone = Milestone::of_word(word).ok_or_else(wrong)?;
    if value == "none" {
        return Ok((severity, milestone, None));
    }
    let (minutes, counting) = match value.split_once(':') {
        Some((minutes, "working")) => (minutes, Counting::Working),
        Some(_) => return Err(wrong()),
        None => (value, Counting::Always),
    };
    let minutes: i64 = minutes.trim().parse().map_err(|_| wrong())?;
    // Ten years: beyond, nothing is promised.
    if !(1..=5_256_000).contains(&minutes) {
        return Err(not_found(msg!("{} minutes are no promise: 1 to 5,256,000", minutes)));
    }
    Ok((severity, milestone, Some((minutes, counting))))
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let changes = !args.set.is_empty()
        || args.slots.is_some()
        || [&args.holiday, &args.workday, &args.usual_day].iter().any(|days| !days.is_empty());
    let mode = if changes { OpenMode::ReadWrite } else { OpenMode::ReadOnly };
    let asked = ask(context, &args.workspace, mode)?;
    let v = &asked.vocabulary;
    if changes {
        let mut change = ClockChange::default();
        for text in &args.set {
            match allowance(v, text)? {
                (severity, milestone, None) => change.unset.push((severity, milestone)),
                (severity, milestone, Some((minutes, counting))) => change.set.push(Allowance {
                    severity,
                    milestone,
                    minutes,
                    counting,
                    warn_percent: USUAL_WARNINGS.to_vec(),
                }),
            }
        }
        if let Some(text) = &args.slots {
            change.slots = Some(parse_slots(text).map_err(|e| not_found(e.message()))?);
        }
        if let Some(day) = args.holiday.iter().find(|day| args.workday.contains(day)) {
            return Err(not_found(msg!("{} cannot be both free and worked", day.to_string())));
        }
        for (days, is_worked) in
            [(&args.holiday, Some(false)), (&args.workday, Some(true)), (&args.usual_day, None)]
        {
            change.days.extend(days.iter().map(|day| (*day, is_worked)));
        }
        let fields = args.set.join(" ");
        asked.workspace.write(&context.stamp, |tx| {
            clock_change::change(tx, &change)?;
            Ok(((), AuditEntry::done("clock", "deadlines").with_fields(fields)))
        })?;
    }
    let deadlines = Deadlines::read(&*asked.workspace.reader()?)?;
    let deadline = deadlines.of(Some(deadlines.newest())).cloned().unwrap_or_default();
    let grade = |severity: i64| match severity {
        UNGRADED => "ungraded".to_owned(),
        key => v.lists.code(list::EVENT_SEVERITY, key).to_owned(),
    };
    if args.format == "json" {
        let promises: Vec<_> = deadline
            .policy
            .allowances
            .iter()
            .map(|a| {
                json!({
                    "severity": grade(a.severity),
                    "milestone": a.milestone.word(),
                    "minutes": a.minutes,
                    "working": a.counting == Counting::Working,
                    "warn_percent": a.warn_percent,
                })
            })
            .collect();
        let days = |worked: bool| -> Vec<String> {
            let days = deadline.calendar.days.iter().filter(|(_, is)| **is == worked);
            days.map(|(day, _)| day.to_string()).collect()
        };
        let value = json!({
            "version": deadline.policy.version,
            "promises": promises,
            "slots": slots_text(&deadline.calendar.slots),
            "holidays": days(false),
            "workdays": days(true),
        });
        return super::print_json(context, &value);
    }
    let mut text = String::new();
    for a in &deadline.policy.allowances {
        let name = match a.severity {
            UNGRADED => crate::text::Message::from("no grade yet").text(context.lang),
            key => v.lists.label(list::EVENT_SEVERITY, key, context.lang).to_owned(),
        };
        let milestone = label("milestone", a.milestone.word(), context.lang);
        let time = if a.counting == Counting::Working {
            msg!("{} minutes of working time", a.minutes)
        } else {
            msg!("{} minutes", a.minutes)
        };
        text += &format!("{name}  {milestone}  {}\n", time.text(context.lang));
    }
    text += &format!("{}\n", slots_text(&deadline.calendar.slots));
    for (day, is_worked) in &deadline.calendar.days {
        let what = if *is_worked {
            msg!("{}: worked", day.to_string())
        } else {
            msg!("{}: free", day.to_string())
        };
        text += &format!("{}\n", what.text(context.lang));
    }
    say(&text);
    Ok(())
}
