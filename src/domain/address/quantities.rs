//! Numbers beside an address that number no room: 2人, 78岁, 89㎡, 2室1厅, 2023年, 身份证…, a second
//! address. Cut off before the address is read, so that none of them becomes a flat.

use super::normal::is_chinese_numeral;
use super::remarks::add;
use super::{Address, Flag};

/// Words that end the address part of a text when they follow a number.
const ADDRESS_WORDS: &str = "室号户房元层楼幢栋座门梯铺位院弄巷区期组队村#-";
/// Words in front of numbers that are no address.
const LABELS: [&str; 16] = [
    "电话",
    "手机",
    "联系",
    "微信",
    "QQ",
    "车牌",
    "身份证",
    "证号",
    "编号",
    "面积",
    "建筑面积",
    "年龄",
    "人口",
    "共",
    "TEL",
    "电表",
];
/// Words behind an address that begin another one: where somebody went, or lives by now.
const MOVED: [&str; 9] =
    ["搬至", "搬到", "迁至", "迁到", "搬往", "现搬", "实际住", "实际居住", "暂住在"];
/// Labels of the place somebody lives at, in the middle of a text.
const LIVES: [&str; 8] =
    ["现居住地址", "居住地址", "现住址", "现住地", "现居住地", "居住地", "现住", "现居"];

fn is_break(c: char) -> bool {
    matches!(c, ' ' | ',' | ';' | '、' | '|' | '!' | '?' | '·')
}

fn has(s: &[char], at: usize, word: &str) -> bool {
    word.chars().enumerate().all(|(n, c)| s.get(at + n) == Some(&c))
}

fn find(s: &[char], word: &str, from: usize) -> Option<usize> {
    (from..s.len()).find(|at| has(s, *at, word))
}

/// Cuts everything of the kind out of the text. Returns whether what is left is in doubt.
pub(super) fn cut(s: &mut Vec<char>, address: &mut Address) -> bool {
    join_letters(s);
    cut_line_number(s);
    cut_identities(s, address);
    let mut is_unsure = cut_moves(s, address);
    is_unsure |= cut_second(s, address);
    while let Some((from, to)) = quantity(s) {
        let remark: String = s[from..to].iter().collect();
        add(address, remark.trim_matches(is_break));
        s.drain(from..to);
    }
    cut_storeys(s);
    while s.last().is_some_and(|c| is_break(*c)) {
        s.pop();
    }
    is_unsure
}

/// U.PARK is one word; a dot parts numbers only.
fn join_letters(s: &mut Vec<char>) {
    let mut i = 1;
    while i + 1 < s.len() {
        if s[i] == '.' && s[i - 1].is_ascii_alphabetic() && s[i + 1].is_ascii_alphabetic() {
            s.remove(i);
        } else {
            i += 1;
        }
    }
}

/// `1. 橡树湾…`, `序号5 橡树湾…`.
fn cut_line_number(s: &mut Vec<char>) {
    let from = if has(s, 0, "序号") { 2 } else { 0 };
    let digits = s[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    let mark = s.get(from + digits).copied();
    // 224000橡树湾…: a postal code.
    if from == 0 && digits == 6 && mark.is_some_and(|c| c.is_alphabetic() && !c.is_ascii()) {
        let is_door = ADDRESS_WORDS.contains(mark.unwrap_or_default());
        if !is_door && !is_chinese_numeral(mark.unwrap_or_default()) {
            s.drain(..digits);
        }
        return;
    }
    let is_number = (1..=4).contains(&digits)
        && (matches!(mark, Some('.' | ')' | '、')) || from > 0)
        && s[from + digits..].iter().take(4).any(|c| !c.is_ascii());
    if is_number {
        s.drain(..from + digits + usize::from(!mark.is_some_and(char::is_alphanumeric)));
        while s.first() == Some(&' ') {
            s.remove(0);
        }
    }
}

/// Identity and card numbers: 15 digits and more. They are not even kept as a remark.
fn cut_identities(s: &mut Vec<char>, address: &mut Address) {
    let mut i = 0;
    while i < s.len() {
        let digits = s[i..].iter().take_while(|c| c.is_ascii_digit()).count();
        if digits < 15 {
            i += digits.max(1);
            continue;
        }
        let end = i + digits + usize::from(s.get(i + digits) == Some(&'X'));
        let from = ["身份证号码", "身份证号", "身份证", "证件号码", "证件号"]
            .iter()
            .filter_map(|label| {
                i.checked_sub(label.chars().count()).filter(|at| has(s, *at, label))
            })
            .min()
            .unwrap_or(i);
        add(address, "证件号");
        s.splice(from..end, [' ']);
        i = from + 1;
    }
}

/// Somebody has moved, or the text gives two places with labels: the place they live at is read.
fn cut_moves(s: &mut Vec<char>, address: &mut Address) -> bool {
    const AT_LEAST: usize = 4;
    if !s.iter().any(|c| matches!(c, '搬' | '迁' | '实' | '暂' | '现' | '居')) {
        return false;
    }
    for word in MOVED {
        if let Some(at) = find(s, word, AT_LEAST)
            && s[at..].iter().any(char::is_ascii_digit)
        {
            let rest: String = s.drain(at..).collect();
            add(address, &rest);
            address.flags.add(Flag::SecondAddress);
            return true;
        }
    }
    for label in LIVES {
        if let Some(at) = find(s, label, AT_LEAST)
            && s[at..].iter().any(char::is_ascii_digit)
            && s[..at].iter().any(char::is_ascii_digit)
        {
            let before: String = s.drain(..at + label.chars().count()).collect();
            add(address, before.trim_matches(is_break));
            while s.first().is_some_and(|c| is_break(*c) || matches!(c, ':' | '在' | '-')) {
                s.remove(0);
            }
            address.flags.add(Flag::SecondAddress);
            return false;
        }
    }
    false
}

/// 3-2-501、5-1-302: a second place. 3-2-501、3-2-502 is a second room of the same.
fn cut_second(s: &mut Vec<char>, address: &mut Address) -> bool {
    let mut triples: Vec<[usize; 4]> = Vec::new();
    let mut i = 0;
    while i < s.len() {
        if !s[i].is_ascii_digit() || i > 0 && (s[i - 1].is_ascii_digit() || s[i - 1] == '-') {
            i += 1;
            continue;
        }
        let number =
            |from: usize| from + s[from..].iter().take_while(|c| c.is_ascii_digit()).count();
        let first = number(i);
        let second = (s.get(first) == Some(&'-')).then(|| number(first + 1));
        let third = second.filter(|e| s.get(*e) == Some(&'-')).map(|e| number(e + 1));
        match (second, third) {
            (Some(second), Some(third)) if third - second >= 4 && second > first + 1 => {
                triples.push([i, first, second, third]);
                i = third;
            }
            _ => i = first.max(i + 1),
        }
    }
    let (Some(a), Some(b)) = (triples.first(), triples.get(1)) else { return false };
    if s[a[0]..a[2]] == s[b[0]..b[2]] && b[0] <= a[3] + 2 {
        // The same building and unit: only the door is new.
        s.drain(b[0]..=b[2]);
        return false;
    }
    let from = a[3];
    let rest: String = s.drain(from..).collect();
    add(address, rest.trim_matches(is_break));
    address.flags.add(Flag::SecondAddress);
    true
}

/// The next clause whose number counts something.
fn quantity(s: &[char]) -> Option<(usize, usize)> {
    let mut i = 0;
    while i < s.len() {
        let is_number = |c: char| c.is_ascii_digit() || is_chinese_numeral(c);
        let may_be_label = matches!(
            s[i],
            '电' | '手'
                | '联'
                | '微'
                | 'Q'
                | '车'
                | '身'
                | '证'
                | '编'
                | '面'
                | '建'
                | '年'
                | '人'
                | '共'
                | 'T'
        );
        if let Some(label) = LABELS.iter().find(|label| may_be_label && i > 3 && has(s, i, label)) {
            let after = i + label.chars().count();
            let end = clause_end(s, after + usize::from(s.get(after) == Some(&' ')));
            if s[after..end].iter().any(char::is_ascii_digit) && has_address(&s[..i]) {
                return Some((i, end));
            }
        }
        if let Some(end) = plate(s, i).filter(|_| has_address(&s[..i])) {
            return Some((i, end));
        }
        if !is_number(s[i]) || i > 0 && is_number(s[i - 1]) {
            i += 1;
            continue;
        }
        let end = i + s[i..].iter().take_while(|c| is_number(**c) || **c == '.').count();
        if let Some(to) = unit_of(s, i, end)
            && has_address(&s[..i])
        {
            return Some((clause_start(s, i), clause_end(s, to)));
        }
        // 8 digits behind a finished address are a telephone.
        if (7..=8).contains(&(end - i))
            && s[i..end].iter().all(char::is_ascii_digit)
            && i > 0
            && (is_break(s[i - 1]) || !s[i - 1].is_ascii())
            && has_address(&s[..i])
        {
            return Some((i, end));
        }
        i = end.max(i + 1);
    }
    None
}

/// Whether a door stands in the text already: three digits or more, or 室.
fn has_address(s: &[char]) -> bool {
    s.windows(3).any(|w| w.iter().all(char::is_ascii_digit))
        || s.contains(&'室')
        || s.windows(3)
            .any(|w| matches!(w, [c, '东' | '西' | '中' | '南' | '北', '户'] if !c.is_ascii()))
}

fn is_year(s: &[char]) -> bool {
    s.len() == 4 && (matches!(s, ['1', '9', '4'..='9', _]) || matches!(s, ['2', '0', '0'..='9', _]))
}

/// Where the word ends that makes a number at `from..to` count something; `None` when there is none.
fn unit_of(s: &[char], from: usize, to: usize) -> Option<usize> {
    let after = |word: &str| has(s, to, word).then(|| to + word.chars().count());
    let digits = to - from;
    let is_apart =
        from > 0 && (is_break(s[from - 1]) || !s[from - 1].is_ascii() && s[from - 1] != '号');
    // 11点-12点左右取件, 18:30后在家.
    let hour: String = s[from..to].iter().collect();
    let is_begun = is_apart || from > 0 && s[from - 1] == '-';
    if is_begun && digits <= 2 && hour.parse().is_ok_and(|hour: u32| hour <= 24) {
        let minutes = s.get(to + 1..to + 3).is_some_and(|m| m.iter().all(char::is_ascii_digit));
        let is_clock = s.get(to) == Some(&':') && minutes;
        if let Some(end) = after("点").or_else(|| is_clock.then_some(to + 3)) {
            return Some(end);
        }
    }
    let always = [
        "口人", "周岁", "岁", "㎡", "M2", "M²", "平米", "平方", "年代", "月份", "个人", "条狗",
        "只狗", "只猫", "元/月",
    ];
    if let Some(end) = always.iter().find_map(|word| after(word)) {
        return Some(end);
    }
    if let Some(end) = after("平").filter(|end| s.get(*end) != Some(&'房')) {
        return Some(end);
    }
    if let Some(end) = after("人").filter(|end| s.get(*end) != Some(&'民')) {
        return Some(end);
    }
    if let Some(end) = after("年").filter(|_| is_year(&s[from..to])) {
        return Some(end);
    }
    // 2室1厅.
    if digits == 1 && has(s, to, "室") && s.get(to + 2) == Some(&'厅') {
        return Some(to + 3);
    }
    if digits <= 2 && is_apart {
        let mut words = ["户", "口", "只", "条", "辆", "个", "套"].into_iter();
        let end = words.find_map(after)?;
        let is_over = s.get(end).is_none_or(|c| is_break(*c));
        // 5东户 and 2口501 are doors and units.
        return (is_over || has(s, to, "只") || has(s, to, "条") || has(s, to, "辆"))
            .then_some(end);
    }
    // 2020.5搬走.
    (s[from..to].contains(&'.') && is_year(&s[from..to.min(from + 4)])).then_some(to)
}

/// Back over the text in front that belongs to the number: 共3人, 养狗2只.
fn clause_start(s: &[char], number: usize) -> usize {
    let mut from = number;
    while from > 0 {
        let c = s[from - 1];
        if is_break(c) || c.is_ascii() || ADDRESS_WORDS.contains(c) {
            break;
        }
        from -= 1;
    }
    from
}

fn clause_end(s: &[char], from: usize) -> usize {
    (from..s.len()).find(|i| is_break(s[*i])).unwrap_or(s.len())
}

/// A car's number plate: 浙A12345.
fn plate(s: &[char], at: usize) -> Option<usize> {
    const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    if !PROVINCES.contains(*s.get(at)?) || !s.get(at + 1)?.is_ascii_uppercase() {
        return None;
    }
    let tail = s[at + 2..].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
    (5..=6).contains(&tail).then_some(at + 2 + tail)
}

/// Storeys from to: 5-6层复式, 17/18层: the lower one.
fn cut_storeys(s: &mut Vec<char>) {
    let mut i = 1;
    while i + 1 < s.len() {
        let is_mark = matches!(s[i], '-' | '/' | '、' | '至' | '~');
        if !is_mark || !s[i - 1].is_ascii_digit() {
            i += 1;
            continue;
        }
        let second = s[i + 1..].iter().take_while(|c| c.is_ascii_digit()).count();
        let is_storey = (1..=2).contains(&second)
            && matches!(s.get(i + 1 + second), Some('层' | '楼'))
            && s.get(i + 2 + second) != Some(&'东')
            && s.get(i + 2 + second) != Some(&'西');
        let first = s[..i].iter().rev().take_while(|c| c.is_ascii_digit()).count();
        let before = i.checked_sub(first + 1).map(|at| s[at]);
        // 3-2-5层 numbers building, unit and storey; 单元5-6层 two storeys.
        let is_range = s[i] != '-' || before.is_some_and(|c| "元幢栋楼座门梯号".contains(c));
        if is_storey && is_range && (1..=2).contains(&first) {
            s.drain(i..=i + second);
        }
        i += 1;
    }
}
