//! The uniform text cut into pieces: numbers with the word that says what they number, words that
//! place a room (商铺, 地下室, 东户), and the text between.

use super::normal::{chinese_digit, is_chinese_numeral};

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text that numbers nothing.
    Text,
    /// A number alone.
    Bare,
    /// N号: a house, a building, a unit or a room, as its neighbours say.
    Hao,
    /// N号院, N号大院.
    HaoYuan,
    /// N号楼 N幢 N栋 N座, or a usual slip for them.
    Building,
    /// N楼: a storey, or a building before a unit.
    Lou,
    /// N#: a building, then a unit.
    Hash,
    /// N单元 N门 N梯.
    Unit,
    /// N层 NF 负N楼.
    Floor,
    /// N室 N户 N房.
    Room,
    /// N商铺 N门面.
    ShopNo,
    /// N期 N区 N组团.
    Zone,
    /// N组 N队 N社.
    Group,
    /// N排.
    Row,
    /// N弄.
    Lane,
    /// 附N号.
    Annex,
    /// 东户, 左边.
    Side,
    /// 商铺 门面房 沿街.
    Shop,
    /// 别墅区.
    Villa,
    /// 平房.
    Bungalow,
    /// 地下室 地下.
    Cellar,
    /// 车位 车库.
    Parking,
    /// 顶楼 阁楼.
    TopFloor,
    /// 底楼.
    GroundFloor,
}

/// What stands before a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sep {
    /// Nothing: it follows at once.
    None,
    /// A dash.
    Dash,
    /// A 一 that means a dash.
    ChineseOne,
    /// 、 , / 和: a list.
    List,
    /// A blank, a dot or another mark.
    Odd,
}

/// A run of the text; `from..to` is the number (or the text) without its word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub kind: Kind,
    pub sep: Sep,
    pub from: usize,
    pub to: usize,
    /// Where the piece ends, its word included.
    pub end: usize,
    /// Below ground.
    pub below: bool,
    /// A slip was mended (撞 for 幢).
    pub mended: bool,
}

/// Whether a piece of this kind is part of what stands behind the estate.
pub(super) const fn is_tail(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Building
            | Kind::Lou
            | Kind::Hash
            | Kind::Unit
            | Kind::Floor
            | Kind::Room
            | Kind::Side
            | Kind::ShopNo
            | Kind::Row
            | Kind::Cellar
            | Kind::TopFloor
            | Kind::GroundFloor
    )
}

pub(super) struct Scanner<'a> {
    pub(super) s: &'a [char],
    out: &'a mut Vec<Piece>,
    sep: Sep,
    pub(super) in_tail: bool,
    text_from: Option<usize>,
}

/// Cuts the text into pieces.
pub(super) fn cut(s: &[char], out: &mut Vec<Piece>) {
    let mut scanner = Scanner { s, out, sep: Sep::None, in_tail: false, text_from: None };
    let mut i = 0;
    while i < s.len() {
        i = scanner.step(i);
    }
    scanner.end_text(s.len());
}

impl Scanner<'_> {
    pub(super) fn at(&self, i: usize) -> char {
        self.s.get(i).copied().unwrap_or('\0')
    }

    fn has(&self, i: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(n, c)| self.at(i + n) == c)
    }

    fn end_text(&mut self, at: usize) {
        if let Some(from) = self.text_from.take()
            && from < at
        {
            self.push(Kind::Text, from, at, at);
        }
    }

    fn push(&mut self, kind: Kind, from: usize, to: usize, end: usize) -> usize {
        if kind != Kind::Text {
            self.end_text(from);
        }
        let sep = std::mem::replace(&mut self.sep, Sep::None);
        self.out.push(Piece { kind, sep, from, to, end, below: false, mended: false });
        self.in_tail |= is_tail(kind);
        end
    }

    fn mark(&mut self, below: bool, mended: bool) {
        if let Some(last) = self.out.last_mut() {
            last.below |= below;
            last.mended |= mended;
        }
    }

    /// Takes what begins at `i`; returns where it ends.
    fn step(&mut self, i: usize) -> usize {
        if let Some(end) = self.separator(i) {
            return end;
        }
        if let Some(end) = self.word(i) {
            return end;
        }
        if let Some(end) = self.number(i) {
            return end;
        }
        if self.text_from.is_none() {
            self.text_from = Some(i);
        }
        i + 1
    }

    fn separator(&mut self, i: usize) -> Option<usize> {
        let c = self.at(i);
        let before = if i > 0 { self.at(i - 1) } else { '\0' };
        let sep = match c {
            '-' => {
                // A minus before a storey is no dash.
                if !before.is_ascii_digit() && self.below_ground(i, i + 1).is_some() {
                    return self.below_ground(i, i + 1);
                }
                Sep::Dash
            }
            '一' if before.is_ascii_digit() && self.at(i + 1).is_ascii_digit() => Sep::ChineseOne,
            '、' | ',' | '/' | '\\' | '&' | '+' => Sep::List,
            '和' | '及' | '与' if before.is_ascii_digit() && self.at(i + 1).is_ascii_digit() => {
                Sep::List
            }
            ' ' | '.' | '·' | ':' | ';' | '|' | '(' | ')' | '\'' | '"' | '*' | '!' | '?' | '=' => {
                Sep::Odd
            }
            _ => return None,
        };
        self.end_text(i);
        // 3#-2-501, 3幢-2-501: the stronger of two marks counts.
        self.sep = if self.sep == Sep::None || sep == Sep::Dash { sep } else { self.sep };
        Some(i + 1)
    }

    /// N层 or N楼 below ground, its number beginning at `number`.
    fn below_ground(&mut self, from: usize, number: usize) -> Option<usize> {
        let to = self.plain_number(number)?;
        let end = match self.at(to) {
            '层' | '楼' => to + 1,
            'F' if !self.at(to + 1).is_ascii_alphanumeric() => to + 1,
            _ => return None,
        };
        self.end_text(from);
        self.push(Kind::Floor, number, to, end);
        self.mark(true, false);
        Some(end)
    }

    /// End of a run of digits, or of Chinese numerals.
    fn plain_number(&self, from: usize) -> Option<usize> {
        let digits = (from..self.s.len()).take_while(|i| self.at(*i).is_ascii_digit()).count();
        if digits > 0 {
            return Some(from + digits);
        }
        let chinese = (from..self.s.len()).take_while(|i| is_chinese_numeral(self.at(*i))).count();
        (chinese > 0).then_some(from + chinese)
    }

    /// Words that say something by themselves.
    fn word(&mut self, i: usize) -> Option<usize> {
        let c = self.at(i);
        match c {
            '负' | '富' | '付' => {
                if let Some(end) = self.below_ground(i, i + 1) {
                    self.mark(true, c != '负');
                    return Some(end);
                }
                None
            }
            '地' if self.has(i, "地下") && !self.has(i, "地下铁") => {
                if let Some(end) = self.below_ground(i, i + 2) {
                    return Some(end);
                }
                if self.has(i, "地下车") || self.has(i, "地下铁") || self.has(i, "地下商")
                {
                    return Some(self.push(Kind::Cellar, i, i + 2, i + 2));
                }
                let end = if self.has(i, "地下室") { i + 3 } else { i + 2 };
                (self.in_tail || end == i + 3).then(|| self.push(Kind::Cellar, i, end, end))
            }
            'B' if self.at(i + 1).is_ascii_digit()
                && (i == 0 || !self.at(i - 1).is_ascii_alphanumeric()) =>
            {
                // B1层 and B1F; B1 alone is left to the numbers.
                self.below_ground(i, i + 1)
            }
            '顶' if self.has(i, "顶楼") || self.has(i, "顶层") => {
                Some(self.push(Kind::TopFloor, i, i + 2, i + 2))
            }
            '阁' if self.has(i, "阁楼") => Some(self.push(Kind::TopFloor, i, i + 2, i + 2)),
            '底' if self.has(i, "底商") => Some(self.push(Kind::Shop, i, i + 2, i + 2)),
            '底' if self.has(i, "底楼") || self.has(i, "底层") => {
                Some(self.push(Kind::GroundFloor, i, i + 2, i + 2))
            }
            '商' if self.has(i, "商铺") => Some(self.push(Kind::Shop, i, i + 2, i + 2)),
            '沿' | '临' if self.has(i + 1, "街") => Some(self.push(Kind::Shop, i, i + 2, i + 2)),
            '门' | '店' | '铺' | '裙' | '网' => {
                let words = [
                    "门面房",
                    "门市房",
                    "门面",
                    "门市",
                    "店面",
                    "店铺",
                    "铺面",
                    "铺位",
                    "裙楼",
                    "裙房",
                    "网点",
                ];
                // 厦门市 is a city, and no shop of 厦.
                let is_city = self.has(i, "门市")
                    && i > 0
                    && "厦江荆海天玉石".contains(self.at(i - 1))
                    && !self.has(i, "门市房");
                let word = words.into_iter().find(|w| !is_city && self.has(i, w))?;
                let end = i + word.chars().count();
                Some(self.push(Kind::Shop, i, end, end))
            }
            '别' if self.has(i, "别墅") && !self.has(i, "别墅路") => {
                let end = if self.has(i + 2, "区") { i + 3 } else { i + 2 };
                Some(self.push(Kind::Villa, i, end, end))
            }
            // 平房区 is a district of Harbin.
            '平' if self.has(i, "平房") && !self.has(i, "平房区") => {
                Some(self.push(Kind::Bungalow, i, i + 2, i + 2))
            }
            '车' if self.has(i, "车位") || self.has(i, "车库") => {
                Some(self.push(Kind::Parking, i, i + 2, i + 2))
            }
            '储' | '杂' if self.in_tail => {
                let words = ["储藏室", "储藏间", "储物间", "杂物间", "储间"];
                let word = words.into_iter().find(|w| self.has(i, w))?;
                let end = i + word.chars().count();
                Some(self.push(Kind::Cellar, i, end, end))
            }
            '独' | '联' | '叠' | '双' | '合'
                if ["独栋", "联排", "叠拼", "叠墅", "双拼", "合院"]
                    .iter()
                    .any(|w| self.has(i, w))
                    && (self.at(i + 2).is_ascii_alphanumeric() || self.has(i + 2, "别墅")) =>
            {
                let end = if self.has(i + 2, "别墅") { i + 4 } else { i + 2 };
                Some(self.push(Kind::Villa, i, end, end))
            }
            '附' | '之'
                if self.plain_number(i + 1).is_some()
                    && (c == '附' || i > 0 && self.at(i - 1) == '号') =>
            {
                let to = self.plain_number(i + 1)?;
                let end = if self.at(to) == '号' { to + 1 } else { to };
                self.end_text(i);
                Some(self.push(Kind::Annex, i + 1, to, end))
            }
            '第' if self.plain_number(i + 1).is_some() => {
                let to = self.plain_number(i + 1)?;
                let (kind, end) = self.suffix(i + 1, to)?;
                self.end_text(i);
                Some(self.push(kind, i + 1, to, end))
            }
            '东' | '西' | '南' | '北' | '中' | '左' | '右' | '前' | '后'
                if self.in_tail || self.is_behind_chain(i) =>
            {
                self.side(i)
            }
            '主' | '副'
                if matches!(self.at(i + 1), '楼' | '幢' | '栋' | '座' | '塔')
                    && (self.is_named_house(i, i + 2) || self.text_from.is_none()) =>
            {
                Some(self.push(Kind::Building, i, i + 1, i + 2))
            }
            _ => None,
        }
    }

    /// Right behind 3-2-5.
    fn is_behind_chain(&self, i: usize) -> bool {
        self.out.last().is_some_and(|p| p.kind == Kind::Bare && p.sep == Sep::Dash && p.end == i)
    }

    /// 东户, 东边户, 西侧, or 东 at the very end: which door of the landing.
    fn side(&mut self, i: usize) -> Option<usize> {
        let rest = ["边户", "侧户", "首户", "手边", "户", "边", "侧", "首", "手", "室"];
        let is_corner = matches!(self.at(i), '东' | '西') && matches!(self.at(i + 1), '南' | '北');
        let to = i + 1 + usize::from(is_corner);
        let word = rest.into_iter().find(|w| self.has(to, w));
        let end = to + word.map_or(0, |w| w.chars().count());
        let is_last = end >= self.s.len() || matches!(self.at(end), ' ' | '(' | ',' | ';');
        let after_floor = self.out.last().is_some_and(|p| {
            // 3-2-5东: the east flat of the fifth floor.
            let is_small = p.kind == Kind::Bare && p.end == i && p.to - p.from <= 2;
            is_small || matches!(p.kind, Kind::Floor | Kind::Lou | Kind::Unit | Kind::TopFloor)
        }) && self.text_from.is_none();
        (word.is_some_and(|w| w.ends_with('户')) || (after_floor && is_last))
            .then(|| self.push(Kind::Side, i, to, end))
    }

    /// A number with or without its word.
    fn number(&mut self, i: usize) -> Option<usize> {
        let c = self.at(i);
        if c.is_ascii_digit() || c.is_ascii_uppercase() {
            return self.latin_number(i);
        }
        if is_chinese_numeral(c) {
            let mixed = self.mixed_number(i);
            if mixed > i {
                return Some(self.push(Kind::Bare, i, mixed, mixed));
            }
            let to = self.plain_number(i)?;
            if let Some((kind, end)) = self.suffix(i, to) {
                // 两 and a number word inside a name (八一新村) never come here: no suffix follows.
                return Some(self.finish(kind, i, to, end));
            }
            let closes = to >= self.s.len() || !self.at(to).is_alphabetic();
            // 三幢二单元五〇一: the last number of a tail may stand alone.
            return (self.in_tail && self.text_from.is_none() && closes)
                .then(|| self.push(Kind::Bare, i, to, to));
        }
        if (matches!(c, '甲' | '乙' | '丙' | '丁') || (self.is_lead_side(i)))
            && let Some(to) = self.plain_number(i + 1)
            && let Some((kind, end)) = self.suffix(i, to)
            && (matches!(kind, Kind::Building | Kind::Unit)
                || kind == Kind::Hao && !self.is_lead_side(i))
        {
            return Some(self.finish(kind, i, to, end));
        }
        if matches!(c, '甲' | '乙' | '丙' | '丁' | '东' | '西' | '南' | '北' | '中') {
            return match self.suffix(i, i + 1)? {
                (Kind::Unit, end) if self.has(i + 1, "单") || self.in_tail => {
                    Some(self.finish(Kind::Unit, i, i + 1, end))
                }
                (Kind::Building, end)
                    if matches!(c, '甲' | '乙' | '丙' | '丁')
                        || self.has(i + 1, "栋")
                        || self.has(i + 1, "幢")
                        || self.is_named_house(i, end) =>
                {
                    Some(self.finish(Kind::Building, i, i + 1, end))
                }
                // 财富大厦东楼1203.
                (Kind::Lou, end) if self.is_named_house(i, end) => {
                    Some(self.finish(Kind::Building, i, i + 1, end))
                }
                _ => None,
            };
        }
        None
    }

    /// 东楼, 西塔, 主楼 behind a name of at least three characters and before a door.
    fn is_named_house(&self, i: usize, end: usize) -> bool {
        self.text_from.is_some_and(|from| i - from >= 3)
            && (self.at(end).is_ascii_alphanumeric() || is_chinese_numeral(self.at(end)))
    }

    /// 东3号楼 behind a name of at least two characters.
    fn is_lead_side(&self, i: usize) -> bool {
        matches!(self.at(i), '东' | '西' | '南' | '北')
            // 橡树湾东3号楼; 锦江南11幢 has it in its name.
            && self.text_from.is_some_and(|from| {
                i - from >= 3
                    || i - from == 2
                        && "苑园湾城村里庭府居轩院区寓厦馆阁邸".contains(self.at(i - 1))
            })
            && self.at(i + 1).is_ascii_digit()
            // 新村东150幢: no house has so many wings; the village has an eastern part.
            && !self.at(i + 2).is_ascii_digit()
    }

    /// End of a door written half in Chinese and half in Arabic digits (五0一), `i` for none.
    fn mixed_number(&self, i: usize) -> usize {
        if !self.in_tail || self.text_from.is_some() {
            return i;
        }
        let is_digit = |c: char| c.is_ascii_digit() || chinese_digit(c).is_some_and(|d| d < 10);
        let run = (i..self.s.len()).take_while(|at| is_digit(self.at(*at))).count();
        let digits = self.s[i..i + run].iter().filter(|c| c.is_ascii_digit()).count();
        let is_door = (3..=4).contains(&run) && (1..run).contains(&digits);
        // 3一501: the 一 is a dash.
        let has_dash = self.s[i..i + run].contains(&'一') && self.s[i..i + run].ends_with(&['1']);
        if is_door && !has_dash && self.suffix(i, i + run).is_none() { i + run } else { i }
    }

    fn latin_number(&mut self, i: usize) -> Option<usize> {
        let s = self.s;
        // 建设2路, 四季: the number belongs to the name.
        let after = i + s[i..].iter().take_while(|c| c.is_ascii_digit()).count();
        let names_road =
            self.text_from.is_some() && matches!(self.at(after), '路' | '街' | '道' | '马');
        let names_estate =
            !self.in_tail && matches!(self.at(after), '季' | '里' | '度' | '天' | '色');
        if after > i && (names_road && !self.in_tail || names_estate) {
            return None;
        }
        if i > 0 && self.at(i - 1).is_ascii_uppercase() && !self.at(i).is_ascii_digit() {
            return None; // inside a word such as SOHO
        }
        let run = |from: usize, ok: fn(&char) -> bool| {
            from + s.iter().skip(from).take_while(|c| ok(c)).count()
        };
        let letters = run(i, char::is_ascii_uppercase);
        let digits = run(letters, char::is_ascii_digit);
        let mut to = digits;
        if letters > i && digits == letters {
            // Letters alone: a building or a unit only with its word (A座, B单元), or in a chain.
            if letters - i > 2 {
                return None;
            }
            // A-3栋 is building A3.
            if self.at(letters) == '-' {
                let number = run(letters + 1, char::is_ascii_digit);
                if number > letters + 1
                    && let Some((kind @ Kind::Building, end)) = self.suffix(i, number)
                {
                    return Some(self.finish(kind, i, number, end));
                }
            }
            if let Some((kind, end)) = self.suffix(i, letters) {
                return Some(self.finish(kind, i, letters, end));
            }
            let in_chain = matches!(self.at(letters), '-')
                && self.at(letters + 1).is_ascii_alphanumeric()
                || self.sep == Sep::Dash && self.text_from.is_none();
            return in_chain.then(|| self.push(Kind::Bare, i, letters, letters));
        }
        if letters - i > 3 {
            return None;
        }
        // 3-A栋 is building 3A.
        if self.at(to) == '-'
            && self.at(to + 1).is_ascii_uppercase()
            && let Some((Kind::Building, end)) = self.suffix(i, to + 2)
        {
            return Some(self.finish(Kind::Building, i, to + 2, end));
        }
        // 3A, 501A, 3A01: a letter behind the digits, unless it is the F of a floor.
        if self.at(to).is_ascii_uppercase() && !self.at(to + 1).is_ascii_uppercase() {
            let behind = run(to + 1, char::is_ascii_digit) - (to + 1);
            let is_floor = self.at(to) == 'F' && !matches!(behind, 1 | 2);
            let starts_chain = self.suffix(i, to + 1).is_none() && self.at(to + 1).is_ascii_digit();
            if !is_floor {
                let more = run(to + 1, char::is_ascii_digit);
                if more == to + 1 || (starts_chain && more - to <= 5 && to - letters <= 3) {
                    to = more;
                }
            }
        }
        // 14号甲 is another house than 14号.
        if self.at(to) == '号'
            && matches!(self.at(to + 1), '甲' | '乙' | '丙' | '丁')
            && !matches!(self.at(to + 2), '单' | '门' | '座' | '栋' | '幢')
        {
            return Some(self.finish(Kind::Building, i, to + 2, to + 2));
        }
        if let Some((kind, end)) = self.suffix(i, to) {
            return Some(self.finish(kind, i, to, end));
        }
        // 3甲号楼.
        if matches!(self.at(to), '甲' | '乙' | '丙' | '丁')
            && let Some((Kind::Building, end)) = self.suffix(i, to + 1)
        {
            return Some(self.finish(Kind::Building, i, to + 1, end));
        }
        // 5零1.
        let mixed = self.mixed_number(i);
        if mixed > to {
            to = mixed;
        }
        Some(self.push(Kind::Bare, i, to, to))
    }

    fn finish(&mut self, kind: Kind, from: usize, to: usize, end: usize) -> usize {
        let word = &self.s[to..end];
        let mended = matches!(
            word,
            ['撞' | '懂' | '床' | '憧' | '橦' | '潼' | '桩' | '市' | '式' | '事' | '试']
                | ['好', '楼']
        ) || matches!(word, ['单'] | ['单', '无' | '员' | '园' | '云' | '圆' | '位']);
        self.push(kind, from, to, end);
        self.mark(false, mended);
        end
    }
}
