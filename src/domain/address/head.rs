//! What stands before the building: administrative divisions, road and number, estate, zone.

use super::pieces::{Kind, Piece};

/// The head of an address, each part as it stands in the uniform text.
#[derive(Debug, Default, Clone)]
pub(super) struct Head {
    pub admin: String,
    pub road: String,
    pub road_no: String,
    pub estate: String,
    pub zone: String,
    /// The number behind a village, its house.
    pub village: bool,
    pub villa: bool,
}

/// Whether a text ends as the name of a road does.
pub(super) fn ends_as_road(text: &[char]) -> bool {
    match text {
        [.., '大' | '国' | '省', '道'] | [.., '胡', '同'] | [.., '公', '路'] => true,
        [.., a, '路' | '街' | '巷' | '弄' | '道'] => {
            *a != '网' && *a != '线' && text.len() > 1 && !matches!(text, [.., '街', '道'])
        }
        [.., '路', c] => matches!(c, '东' | '西' | '南' | '北' | '中'),
        // 临园路西段, 一环路北三段.
        [.., '段'] => text.iter().any(|c| matches!(c, '路' | '街' | '道')),
        [.., '条' | '坊' | '径'] => text.len() > 2,
        _ => false,
    }
}

/// Whether a text ends as the name of a village does, and not as that of a housing estate.
pub(super) fn ends_as_village(text: &[char]) -> bool {
    match text {
        [.., a, '村'] => {
            text.len() > 2
                && !matches!(
                    a,
                    '新' | '小'
                        | '园'
                        | '苑'
                        | '一'
                        | '二'
                        | '三'
                        | '四'
                        | '五'
                        | '六'
                        | '七'
                        | '八'
                        | '九'
                        | '十'
                )
        }
        _ => false,
    }
}

/// Real districts whose names end like the zone of an estate (江北区, not 橡树湾北区).
const SIDED_DISTRICTS: [&str; 27] = [
    "二七区",
    "江北区",
    "河东区",
    "河西区",
    "河北区",
    "城东区",
    "城西区",
    "城中区",
    "城北区",
    "市中区",
    "市北区",
    "市南区",
    "路北区",
    "路南区",
    "港北区",
    "港南区",
    "翠屏区",
    "湖里区",
    "江东区",
    "江南区",
    "海南区",
    "浦东新区",
    "潍城区",
    "桥东区",
    "桥西区",
    "江西区",
    "山南区",
];

/// Length of the administrative division that `text` begins with; 0 when there is none.
fn division(text: &[char], is_first: bool) -> usize {
    const MAX: usize = 9;
    for end in 2..=text.len().min(MAX) {
        let (word, rest) = (&text[..end], &text[end..]);
        let next = rest.first().copied().unwrap_or('\0');
        let long = match word {
            [.., '自', '治', '区' | '州' | '县']
            | [.., '特', '别', '行', '政', '区']
            | [.., '办', '事', '处']
            | [.., '居' | '村', '委', '会'] => true,
            [.., '省'] => end <= 4,
            [.., a, '市'] => {
                (!matches!(a, '城' | '超' | '门' | '菜' | '集' | '都' | '夜' | '花' | '闹')
                    || word.ends_with(&['枝', '花', '市'])
                    || matches!(word, ['厦' | '荆' | '天', '门', '市'])
                    // 盐城市 and 聊城市, but 新城市花园.
                    || matches!(word, [first, '城', '市']
                        if !matches!(first, '新' | '大' | '小' | '老' | '都' | '花' | '绿'))
                        && !matches!(next, '花' | '广' | '家' | '之' | '公' | '印' | '风'))
                    && !matches!(next, '场' | '民' | '政' | '花' | '中' | '区' | '府' | '委' | '直')
                    || next == '中' && rest.get(1) == Some(&'区')
            }
            [.., a, '县'] => *a != '\0',
            [.., '旗' | '盟'] => end >= 3 && next != '\0',
            [.., '街', '道'] => end >= 4 && (next != '\0' || !is_first),
            [.., a, '镇'] => {
                !matches!(a, '小' | '古' | '名' | '水')
                    && !matches!(next, '\0' | '海' | '市' | '县')
            }
            [.., a, '乡'] => {
                !matches!(a, '水' | '家' | '梦' | '城' | '同' | '故' | '新')
                    && !matches!(next, '\0' | '村' | '路' | '市' | '县')
            }
            [.., '社', '区'] => end >= 4 && next != '\0',
            [.., '开', '发', '区']
            | [.., '高', '新', '区']
            | [.., '新', '区']
            | [.., '示', '范', '区'] => next != '\0',
            [.., a, '区'] => {
                let is_zone = matches!(
                    a,
                    '小' | '园'
                        | '校'
                        | '厂'
                        | '矿'
                        | '活'
                        | '宅'
                        | '属'
                        | '墅'
                        | '社'
                        | '东'
                        | '西'
                        | '南'
                        | '北'
                        | '中'
                        | '前'
                        | '后'
                        | '老'
                        | '上'
                        | '下'
                        | '内'
                        | '外'
                        | '景'
                        | '院'
                        | '苑'
                        | '商'
                        | '住'
                ) || a.is_ascii()
                    || super::normal::is_chinese_numeral(*a);
                let named = || {
                    let whole: String = word.iter().collect();
                    SIDED_DISTRICTS.iter().any(|d| *d == whole)
                };
                next != '\0'
                    && end <= 6
                    && (!is_zone
                        || !is_first && matches!(a, '东' | '西' | '南' | '北' | '中') && end <= 4
                        || named())
            }
            _ => false,
        };
        if long {
            return end;
        }
    }
    0
}

/// Municipalities and provinces that are written without their suffix.
const PROVINCES: [&str; 31] = [
    "北京",
    "上海",
    "天津",
    "重庆",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "河北",
    "湖南",
    "湖北",
    "广东",
    "广西",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "内蒙古",
    "宁夏",
    "新疆",
    "西藏",
];

fn province(text: &[char]) -> usize {
    let begins = |word: &str| word.chars().enumerate().all(|(i, c)| text.get(i) == Some(&c));
    let Some(word) = PROVINCES.into_iter().find(|word| begins(word)) else { return 0 };
    let end = word.chars().count();
    // 北京路, 南京东路 and 山东大厦 are no provinces.
    let rest = &text[end..];
    if division(rest, true) > 0 && !matches!(rest.first(), Some('路' | '街' | '东' | '西')) {
        end
    } else {
        0
    }
}

/// Splits the administrative divisions off the front; returns how many characters they take.
pub(super) fn divisions(text: &[char]) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let step = match division(rest, at == 0) {
            0 if at == 0 => province(rest),
            step => step,
        };
        // Something must be left to be the place itself.
        if step == 0 {
            return at;
        }
        at += step;
    }
}

/// Names of kinds of estates: with nothing before them they name nothing.
fn is_generic(text: &[char]) -> bool {
    let whole: String = text.iter().collect();
    [
        "花园", "小区", "公寓", "家园", "新村", "花苑", "大厦", "广场", "新城", "口", "商城",
        "商铺", "店", "社区", "宿舍", "名苑", "华庭",
    ]
    .contains(&whole.as_str())
}

/// Where a road ends inside a text that goes on with an estate (人民路|橡树湾); 0 for no road.
fn road_inside(text: &[char]) -> usize {
    let mut found = 0;
    for end in 2..text.len() {
        let rest = &text[end..];
        let is_road = matches!(&text[..end], [.., '大', '道' | '街'] | [.., '胡', '同'])
            || matches!(text[end - 1], '路' | '街')
                && end > 2
                && !matches!(rest, ['道' | '口' | '边' | '旁' | '灯', ..]);
        if is_road && rest.len() >= 2 && !is_generic(rest) {
            found = end;
            break;
        }
    }
    found
}

/// Reads the pieces before the tail.
pub(super) fn read(s: &[char], pieces: &[Piece], house_follows: bool) -> Head {
    let mut head = Head::default();
    // The estate may hold numbers (八一新村, 紫金一号): it is a range of the text.
    let mut estate: Option<(usize, usize)> = None;
    let mut has_zone = false;
    for (index, piece) in pieces.iter().enumerate() {
        let next = pieces.get(index + 1);
        match piece.kind {
            Kind::Text => {
                let text = &s[piece.from..piece.to];
                if let Some((from, to)) = estate
                    && !has_zone
                    && divisions(text) > 0
                {
                    // 北京,朝阳区…: what came before was a division too.
                    push(&mut head.admin, &s[from..to]);
                    estate = None;
                }
                if let Some((from, to)) = estate
                    && to == piece.from
                    && !has_zone
                {
                    estate = Some((from, piece.to));
                    continue;
                }
                let mut from = piece.from;
                if head.road.is_empty() {
                    from += divisions(text);
                    push(&mut head.admin, &s[piece.from..from]);
                    let rest = &s[from..piece.to];
                    let goes_on = next.is_some_and(|n| {
                        matches!(n.kind, Kind::Hao | Kind::HaoYuan | Kind::Lane | Kind::Bare)
                    });
                    if goes_on && ends_as_road(rest) {
                        push(&mut head.road, rest);
                        continue;
                    }
                    let is_hamlet = matches!(rest, [.., '民', '小', '组'] | [.., '自', '然', '村']);
                    if next.is_some_and(|n| n.kind == Kind::Group)
                        || house_follows
                            && (ends_as_village(rest) || is_hamlet)
                            && pieces.len() == index + 1
                    {
                        push(&mut head.admin, rest);
                        head.village = true;
                        continue;
                    }
                    let road = road_inside(rest);
                    push(&mut head.road, &rest[..road]);
                    from += road;
                }
                if from < piece.to {
                    match estate {
                        Some(_) if has_zone => push(&mut head.zone, &s[from..piece.to]),
                        Some((first, _)) => estate = Some((first, piece.to)),
                        None => estate = Some((from, piece.to)),
                    }
                }
            }
            Kind::Hao | Kind::HaoYuan | Kind::Lane | Kind::Bare
                if !head.road.is_empty() && estate.is_none() =>
            {
                match piece.kind {
                    Kind::Hao | Kind::Bare => {
                        if !head.road_no.is_empty() {
                            head.road_no.push('-');
                        }
                        push_number(&mut head.road_no, s, piece);
                    }
                    _ => {
                        push_number(&mut head.road_no, s, piece);
                        push(&mut head.road_no, &s[piece.to..piece.end]);
                    }
                }
            }
            // 幸福村8巷: a part of the village.
            Kind::Lane if estate.is_some() => {
                has_zone = true;
                push_number(&mut head.zone, s, piece);
                push(&mut head.zone, &s[piece.to..piece.end]);
            }
            Kind::Annex if !head.road_no.is_empty() => {
                head.road_no.push('附');
                push_number(&mut head.road_no, s, piece);
            }
            Kind::Group => {
                push_number(&mut head.admin, s, piece);
                push(&mut head.admin, &s[piece.to..piece.end]);
                head.village = true;
            }
            Kind::Zone | Kind::HaoYuan if estate.is_some() || piece.kind == Kind::Zone => {
                has_zone = true;
                push_number(&mut head.zone, s, piece);
                push(&mut head.zone, &s[piece.to..piece.end]);
            }
            Kind::Villa => {
                head.villa = true;
                has_zone = true;
                head.zone.push_str("别墅区");
            }
            Kind::Shop | Kind::Bungalow | Kind::Parking => {}
            _ => {
                // A number inside a name: 紫金一号, 798艺术区.
                let (from, _) = estate.unwrap_or((piece.from, piece.end));
                estate = Some((from, piece.end));
            }
        }
    }
    if let Some((from, to)) = estate {
        split_zone(&s[from..to], &mut head);
    }
    head
}

/// 橡树湾东区 is the east zone of 橡树湾.
fn split_zone(text: &[char], head: &mut Head) {
    let mut end = text.len();
    if let [.., '内' | '的'] = text {
        end -= 1;
    }
    if head.zone.is_empty()
        && let [.., side, '区'] = &text[..end]
        && matches!(side, '东' | '西' | '南' | '北' | '中')
        && end > 3
    {
        head.zone.extend(&text[end - 2..end]);
        end -= 2;
    }
    head.estate.extend(&text[..end]);
}

fn push(out: &mut String, text: &[char]) {
    out.extend(text.iter().filter(|c| **c != ' '));
}

fn push_number(out: &mut String, s: &[char], piece: &Piece) {
    crate::domain::address::token::push_token(out, &s[piece.from..piece.to]);
}
