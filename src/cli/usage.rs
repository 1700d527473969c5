//! Help and usage errors in the user's language.

use crate::msg;
use crate::text::Message;
use std::process::ExitCode;

use clap::builder::{StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction};

use crate::text::Lang;

/// The words of a command's examples: the heading, and the remark behind each command.
pub(super) fn example_words(examples: &str) -> Vec<String> {
    let remark = |line: &str| line.trim_start().split_once("   ").map(|(_, r)| r.trim().to_owned());
    let heading = examples.lines().next().map(str::to_owned);
    heading.into_iter().chain(examples.lines().skip(1).filter_map(remark)).collect()
}

/// The command tree with every help text in the language.
pub(super) fn translated(command: clap::Command, lang: Lang) -> clap::Command {
    if lang == Lang::En { command } else { in_language(command, lang, true) }
}

fn in_language(mut command: clap::Command, lang: Lang, is_root: bool) -> clap::Command {
    let text = |styled: &StyledStr| crate::text::translated(&styled.to_string(), lang).to_owned();
    let word = |english: &str| crate::text::translated(english, lang).to_owned();
    if let Some(about) = command.get_about().map(text) {
        command = command.about(about);
    }
    if let Some(examples) = command.get_after_help().map(StyledStr::to_string) {
        let translated = example_words(&examples)
            .into_iter()
            .fold(examples, |text, english| text.replacen(&english, &word(&english), 1));
        command = command.after_help(translated);
    }
    let (positional, options) = (word("Arguments"), word("Options"));
    command = command.mut_args(|argument| {
        let heading = if argument.is_positional() { &positional } else { &options };
        let help = argument.get_help().map(text).unwrap_or_default();
        argument.help(help).help_heading(heading.clone())
    });
    let own = |name: &'static str, short, action, help: &str| {
        let argument = Arg::new(name).short(short).long(name).action(action);
        argument.help(word(help)).help_heading(options.clone())
    };
    command = command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .arg(own("help", 'h', ArgAction::Help, "Print help"))
        .subcommand_help_heading(word("Commands"))
        .styles(Styles::plain())
        .help_template(format!(
            "{{about}}\n\n{}: {{usage}}\n\n{{all-args}}{{after-help}}\n",
            word("Usage")
        ));
    if is_root {
        command = command.disable_version_flag(true).arg(own(
            "version",
            'V',
            ArgAction::Version,
            "Print version",
        ));
    }
    command.mut_subcommands(|sub| in_language(sub, lang, false))
}

/// Tells what was wrong with the arguments (or prints the help that was asked for).
pub(super) fn tell(error: &clap::Error, lang: Lang) -> ExitCode {
    let code = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    let words = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(list)) => list.join(", "),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let sentence = match error.kind() {
        _ if lang == Lang::En => Message::verbatim(""),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let wanted = match std::error::Error::source(error) {
                Some(source) => {
                    source.downcast_ref::<Message>().cloned().unwrap_or_else(|| Message::of(source))
                }
                None => Message::verbatim(words(ContextKind::ValidValue)),
            };
            msg!(
                "{} is no value of {}; it takes: {}",
                words(ContextKind::InvalidValue),
                words(ContextKind::InvalidArg),
                wanted
            )
        }
        ErrorKind::MissingRequiredArgument => {
            msg!("missing: {}", words(ContextKind::InvalidArg))
        }
        ErrorKind::UnknownArgument => {
            msg!("unknown argument: {}", words(ContextKind::InvalidArg))
        }
        ErrorKind::InvalidSubcommand => {
            msg!("unknown command: {}", words(ContextKind::InvalidSubcommand))
        }
        _ => Message::verbatim(""),
    };
    if sentence.is_empty() {
        let _ = error.print();
    } else {
        let hint = Message::from("`menpai --help` lists commands and options").text(lang);
        eprintln!("menpai: {}. {hint}", sentence.text(lang));
    }
    code
}
