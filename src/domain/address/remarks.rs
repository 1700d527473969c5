//! What is no part of an address: 同上, dates, labels in front, brackets, telephone numbers.

use super::normal::is_chinese_numeral;
use super::{Address, Flag, Match, Reading};

/// Refuses what is no address at all. Returns whether it did.
pub(super) fn refuse(s: &[char], address: &mut Address) -> bool {
    let whole: String = if s.len() <= 19 { s.iter().collect() } else { return false };
    let bare = whole.trim_matches(|c: char| !c.is_alphanumeric());
    if ["同上", "同", "如上", "同前", "同户主", "同左", "上同"].contains(&bare)
        || ["\"", "〃", "″", "''"].contains(&whole.as_str())
    {
        address.flags.add(Flag::Ditto);
        return true;
    }
    let nothing = [
        "无",
        "不详",
        "未知",
        "暂无",
        "空",
        "没有",
        "无地址",
        "地址不详",
        "N",
        "NULL",
        "NONE",
        "NA",
        "待查",
        "待核",
        "空挂",
        "空挂户",
        "搬走",
        "已搬走",
        "外出",
        "死亡",
        "已故",
        "拆迁",
        "已拆迁",
        "外地",
        "外省",
        "国外",
        "本地",
        "本村",
        "本小区",
        "见上",
        "集体户",
        "人户分离",
        "已搬",
        "已拆",
        "搬到外地",
        "不在家",
        "租房",
        "租住",
        "流动",
        "住址不详",
        "无固定住所",
        "长期在外",
        "在外打工",
        "户在人不在",
        "户籍在此",
        "查无",
        "未填",
        "待补充",
        "N/A",
        "REF",
        "NAN",
        "XX",
    ];
    if bare.is_empty() || nothing.contains(&bare) {
        address.flags.add(Flag::Unparsed);
        return true;
    }
    // 2024-03-02 00:00:00.
    let day = s.iter().position(|c| *c == ' ').filter(|at| s[*at..].contains(&':'));
    if let Some(reading) = date(&s[..day.unwrap_or(s.len())]) {
        address.flags.add(Flag::ExcelDate);
        address.quality = Match::Ambiguous;
        address.alternatives.push(reading);
        return true;
    }
    false
}

/// 2023-3-2, 2023年3月2日, 3月2日: a spreadsheet made it from 3-2. Returns what was typed then.
fn date(s: &[char]) -> Option<Reading> {
    let mut numbers = [0u32; 4];
    let (mut count, mut in_number, mut marks) = (0, false, 0);
    for c in s {
        if let Some(digit) = c.to_digit(10) {
            if !in_number {
                count += 1;
            }
            let slot = numbers.get_mut(count - 1)?;
            *slot = slot.checked_mul(10)?.checked_add(digit)?;
            in_number = true;
        } else {
            in_number = false;
            match c {
                '年' | '月' | '日' => marks += 1,
                '-' | '/' | '.' => {}
                '号' if marks > 0 => {}
                _ => return None,
            }
        }
    }
    let is_day = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    match (count, marks) {
        (3, _) if (1900..=2100).contains(&numbers[0]) && is_day(numbers[1], numbers[2]) => {
            Some(typed(numbers[1], numbers[2]))
        }
        (2, 1..) if is_day(numbers[0], numbers[1]) => Some(typed(numbers[0], numbers[1])),
        _ => None,
    }
}

fn typed(building: u32, unit: u32) -> Reading {
    Reading { building: Some(building.to_string()), unit: Some(unit.to_string()), room: None }
}

/// Cuts labels, brackets and telephone numbers out of the text.
pub(super) fn cut_off(mut s: Vec<char>, address: &mut Address) -> Vec<char> {
    cut_label(&mut s);
    mend_letters(&mut s, address);
    cut_grid(&mut s, address);
    let mut remark = String::new();
    cut_brackets(&mut s, &mut remark);
    cut_phones(&mut s, &mut remark);
    cut_postal_code(&mut s, &mut remark);
    cut_relation(&mut s, &mut remark);
    add(address, &remark);
    s
}

/// Keeps a remark.
pub(super) fn add(address: &mut Address, remark: &str) {
    if remark.is_empty() {
        return;
    }
    address.flags.add(Flag::Remark);
    match &mut address.remark {
        Some(all) => {
            all.push_str("; ");
            all.push_str(remark);
        }
        None => address.remark = Some(remark.to_owned()),
    }
}

/// 5O1 and 5l1: letters that look like digits, between digits.
fn mend_letters(s: &mut [char], address: &mut Address) {
    for i in 1..s.len().saturating_sub(1) {
        let is_between = s[i - 1].is_ascii_digit() && s[i + 1].is_ascii_digit();
        let digit = match s[i] {
            'O' | 'o' => '0',
            'l' | 'I' => '1',
            _ => continue,
        };
        if is_between {
            s[i] = digit;
            address.flags.add(Flag::TypoFixed);
        }
    }
}

/// 第二网格, 12微网格: the grid, which is no part of an address.
fn cut_grid(s: &mut Vec<char>, address: &mut Address) {
    let Some(at) = s.windows(2).position(|w| w == ['网', '格']) else { return };
    if s.get(at + 2).is_some_and(|c| matches!(c, '员' | '长')) || at + 2 >= s.len() {
        return;
    }
    let mut from = at - usize::from(at > 0 && s[at - 1] == '微');
    while from > 0 && (s[from - 1].is_ascii_digit() || is_chinese_numeral(s[from - 1])) {
        from -= 1;
    }
    from -= usize::from(from > 0 && s[from - 1] == '第');
    if from == at {
        return;
    }
    let grid: String = s[from..at + 2].iter().collect();
    add(address, &grid);
    s.drain(from..at + 2);
}

/// Words behind an address that mean another place than the address, the longest first.
pub(super) const RELATIONS: [&str; 46] = [
    "正对面",
    "斜对面",
    "斜对门",
    "正对门",
    "楼道口",
    "单元口",
    "单元外",
    "小区外",
    "大门口",
    "对门",
    "对面",
    "隔壁",
    "旁边",
    "附近",
    "后面",
    "前面",
    "上面",
    "下面",
    "楼上",
    "楼下",
    "左边",
    "右边",
    "左侧",
    "右侧",
    "东侧",
    "西侧",
    "南侧",
    "北侧",
    "东邻",
    "西邻",
    "南邻",
    "北邻",
    "邻居",
    "邻房",
    "同层",
    "同楼",
    "门口",
    "门外",
    "门前",
    "楼前",
    "楼后",
    "后院",
    "前院",
    "院外",
    "外面",
    "外",
];

/// Cuts 对门, 楼上, 外 off the end: the address names a place that is not meant.
fn cut_relation(s: &mut Vec<char>, remark: &mut String) {
    let end = s.iter().rposition(|c| c.is_alphanumeric()).map_or(0, |i| i + 1);
    for word in RELATIONS {
        let length = word.chars().count();
        let Some(at) = end.checked_sub(length) else { continue };
        let is_there = word.chars().zip(&s[at..end]).all(|(a, b)| a == *b);
        // 外 behind a number or a door; 橡树湾外 is perhaps a name.
        let before = s[..at].iter().rev().find(|c| !c.is_whitespace());
        let is_behind = before.is_some_and(|c| {
            c.is_ascii_alphanumeric() || "室号户房门元幢栋楼座院户".contains(*c) || length > 1
        });
        if is_there && is_behind && at >= 3 {
            if !remark.is_empty() {
                remark.push_str("; ");
            }
            remark.push_str(word);
            s.truncate(at);
            return;
        }
    }
}

/// Cuts a postal code off the end: six digits behind 邮编, or behind a word that ends the address.
fn cut_postal_code(s: &mut Vec<char>, remark: &mut String) {
    let end = s.iter().rposition(|c| c.is_alphanumeric()).map_or(0, |i| i + 1);
    let Some(at) = end.checked_sub(6).filter(|at| *at >= 4) else { return };
    let is_code = s[at..end].iter().all(char::is_ascii_digit) && !s[at - 1].is_ascii_digit();
    if !is_code {
        return;
    }
    let mut from = at;
    while from > 0 && (s[from - 1].is_whitespace() || ":,;-".contains(s[from - 1])) {
        from -= 1;
    }
    let head: String = s[..from].iter().collect();
    let label = ["邮政编码", "邮编"].iter().find(|label| head.ends_with(**label));
    let closes = head.ends_with(['室', '号', '户', '房']) && !head.ends_with("门牌号");
    if label.is_none() && !closes {
        return;
    }
    if !remark.is_empty() {
        remark.push_str("; ");
    }
    remark.extend(&s[at..end]);
    s.truncate(from - label.map_or(0, |label| label.chars().count()));
    while s.last().is_some_and(|c| c.is_whitespace() || ":,;".contains(*c)) {
        s.pop();
    }
}

const LABELS: [&str; 16] = [
    "现居住地址",
    "现居住地",
    "家庭住址",
    "家庭地址",
    "居住地址",
    "详细地址",
    "户籍地址",
    "现住址",
    "现住地",
    "现地址",
    "居住在",
    "住址",
    "地址",
    "现住",
    "家住",
    "居住",
];

fn cut_label(s: &mut Vec<char>) {
    for label in LABELS {
        let length = label.chars().count();
        if s.len() > length + 2 && label.chars().zip(s.iter()).all(|(a, b)| a == *b) {
            let mark = usize::from(matches!(s[length], ':' | '-' | ',' | '.'));
            s.drain(..length + mark);
            return;
        }
    }
}

fn cut_brackets(s: &mut Vec<char>, remark: &mut String) {
    let mut from = 0;
    while let Some(open) = s[from..].iter().position(|c| *c == '(').map(|i| i + from) {
        let close = s[open..].iter().position(|c| *c == ')').map_or(s.len(), |i| i + open);
        let inside = &s[open + 1..close];
        // 橡树湾(二期)3号楼: a zone, and no remark.
        let is_zone =
            matches!(inside, [.., '期' | '区']) && inside.len() <= 4 && close + 1 < s.len();
        if is_zone || is_part(&s[..open], inside, s.get(close + 1..).unwrap_or_default()) {
            if close >= s.len() {
                s.remove(open);
                break;
            }
            s.remove(close);
            s.remove(open);
            from = open;
            continue;
        }
        if !inside.is_empty() {
            if !remark.is_empty() {
                remark.push_str("; ");
            }
            remark.extend(inside);
        }
        let is_last = close + 1 >= s.len();
        s.drain(open..(close + 1).min(s.len()));
        // What stood on both sides stays apart.
        if !is_last
            && open > 0
            && s[open - 1].is_ascii_digit()
            && s.get(open).is_some_and(char::is_ascii_digit)
        {
            s.insert(open, ' ');
        }
        from = open;
    }
}

/// Whether a bracket holds a part of the address: 橡树湾(3幢)501, 3幢(501), (3)幢, (橡树湾)3幢.
fn is_part(before: &[char], inside: &[char], behind: &[char]) -> bool {
    let is_number = |c: &char| c.is_ascii_alphanumeric() || is_chinese_numeral(*c);
    let next = behind.first().copied().unwrap_or(' ');
    let numbered = inside.len() <= 12
        && inside.first().is_some_and(is_number)
        && matches!(
            inside,
            [.., '幢' | '栋' | '座' | '元' | '室' | '#'] | [.., '号', '楼'] | [.., '组', '团']
        );
    if inside.is_empty() || inside.len() > 12 {
        return false;
    }
    // (3)幢(2)单元.
    if inside.iter().all(is_number) && "幢栋座号单室楼层期区#".contains(next) {
        return true;
    }
    // (橡树湾)3幢501: nothing else could be the name.
    if before.is_empty() {
        return is_number(&next) && inside.len() >= 2 && !inside.iter().any(is_number);
    }
    // 3幢(501), 2单元(501室): the door is still missing.
    let lacks_door = matches!(before, [.., '幢' | '栋' | '座' | '楼' | '元' | '门' | '#']);
    if behind.is_empty() {
        let digits = inside.iter().take_while(|c| c.is_ascii_digit()).count();
        return lacks_door
            && (3..=4).contains(&digits)
            && matches!(inside[digits..], [] | ['室' | '户' | '号']);
    }
    numbered
}

/// Mobile numbers (1 3–9 and nine digits, also 138 1234 5678) and landlines (0515-88123456).
fn cut_phones(s: &mut Vec<char>, remark: &mut String) {
    let mut i = 0;
    while i < s.len() {
        if !s[i].is_ascii_digit() || (i > 0 && s[i - 1].is_ascii_digit()) {
            i += 1;
            continue;
        }
        let end = i + s[i..].iter().take_while(|c| c.is_ascii_digit()).count();
        let cut = mobile(&s[i..end]).map(|at| (i + at, end)).or_else(|| grouped_phone(s, i));
        let Some((from, to)) = cut else {
            i = end;
            continue;
        };
        if !remark.is_empty() {
            remark.push_str("; ");
        }
        remark.extend(s[from..to].iter().filter(|c| c.is_ascii_digit()));
        s.drain(from..to);
        i = from;
    }
}

/// Where a mobile number begins in a run of digits that ends with one.
fn mobile(digits: &[char]) -> Option<usize> {
    let at = digits.len().checked_sub(11)?;
    (matches!(digits[at..], ['1', '3'..='9', ..]) && at <= 4).then_some(at)
}

/// 138-1234-5678, 138 1234 5678, 0515-88123456.
fn grouped_phone(s: &[char], from: usize) -> Option<(usize, usize)> {
    let mut digits = 0;
    let mut groups = [0usize; 3];
    let mut group = 0;
    let mut i = from;
    while i < s.len() {
        if s[i].is_ascii_digit() {
            digits += 1;
            groups[group] += 1;
            i += 1;
        } else if matches!(s[i], '-' | ' ')
            && group < 2
            && s.get(i + 1).is_some_and(char::is_ascii_digit)
        {
            group += 1;
            i += 1;
        } else {
            break;
        }
    }
    let is_mobile = digits == 11 && matches!(s[from..], ['1', '3'..='9', ..]) && groups[0] == 3;
    let is_landline = group == 1
        && s[from] == '0'
        && (3..=4).contains(&groups[0])
        && (7..=8).contains(&groups[1]);
    (is_mobile || is_landline).then_some((from, i))
}
