//! The words the generator draws from: `data/synth_words.csv`.

use std::collections::HashMap;

use super::rng::Rng;

#[derive(serde::Deserialize)]
struct Entry {
    list: String,
    word: String,
    weight: f64,
}

/// Word lists with weights.
pub(super) struct Words {
    lists: HashMap<String, (Vec<String>, Vec<f64>)>,
}

impl Words {
    pub(super) fn shipped() -> Self {
        let mut lists: HashMap<String, (Vec<String>, Vec<f64>)> = HashMap::new();
        let mut reader =
            csv::Reader::from_reader(include_str!("../../data/synth_words.csv").as_bytes());
        for entry in reader.deserialize().filter_map(Result::ok) {
            let entry: Entry = entry;
            let (words, weights) = lists.entry(entry.list).or_default();
            words.push(entry.word);
            weights.push(entry.weight);
        }
        Self { lists }
    }

    /// A word of a list, by weight; empty for an unknown list.
    pub(super) fn draw(&self, list: &str, rng: &mut Rng) -> &str {
        self.lists.get(list).map_or("", |(words, weights)| &words[rng.weighted(weights)])
    }

    /// The phrase of a name with values in its gaps; empty for an unknown name.
    pub(super) fn phrase(&self, name: &str, values: &[&dyn std::fmt::Display]) -> String {
        let Some(phrase) = self.all(&format!("phrase_{name}")).first() else {
            return String::new();
        };
        let mut values = values.iter();
        let mut out = String::with_capacity(phrase.len() + 16);
        for (index, part) in phrase.split("{}").enumerate() {
            if index > 0
                && let Some(value) = values.next()
            {
                out.push_str(&value.to_string());
            }
            out.push_str(part);
        }
        out
    }

    /// All words of a list.
    pub(super) fn all(&self, list: &str) -> &[String] {
        self.lists.get(list).map_or(&[], |(words, _)| words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_there() {
        let words = Words::shipped();
        for list in
            ["surname", "given_f_old", "given_m_new", "estate_head", "street", "shop", "public"]
        {
            assert!(words.all(list).len() >= 10, "{list}");
        }
        assert_eq!(words.phrase("grid", &[&7]), "第7网格");
        assert!(words.all("surname").iter().any(|w| w == "欧阳"));
    }
}
