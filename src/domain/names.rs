//! Chinese personal names: compound surnames, and pinyin for search.

use pinyin::{ToPinyin as _, ToPinyinMulti as _};

/// Compound surnames still in use, for masking (欧阳* and not 欧**) and for pinyin.
const COMPOUND_SURNAMES: [&str; 25] = [
    "万俟", "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "长孙", "司徒",
    "夏侯", "令狐", "宇文", "轩辕", "端木", "独孤", "南宫", "第五", "百里", "东郭", "呼延", "澹台",
    "拓跋",
];

/// Surnames read otherwise than the same character elsewhere (《现代汉语词典》, 7th ed.).
const SURNAME_READINGS: [(&str, &str); 23] = [
    ("万俟", "moqi"),
    ("单", "shan"),
    ("解", "xie"),
    ("曾", "zeng"),
    ("仇", "qiu"),
    ("查", "zha"),
    ("区", "ou"),
    ("朴", "piao"),
    ("任", "ren"),
    ("盖", "ge"),
    ("华", "hua"),
    ("葛", "ge"),
    ("宁", "ning"),
    ("乐", "yue"),
    ("缪", "miao"),
    ("翟", "zhai"),
    ("尉迟", "yuchi"),
    ("长孙", "zhangsun"),
    ("澹台", "tantai"),
    ("冼", "xian"),
    ("覃", "qin"),
    ("员", "yun"),
    ("秘", "bi"),
];

/// The most frequent surnames of one character (Ministry of Public Security, name report 2020 and
/// the census of 2010): together borne by more than nine people in ten.
const FREQUENT_SURNAMES: &str = "\
王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕\
丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武\
钱戴严莫孔向常汤康易乔赖文施洪辛柯庄温牛樊葛邢安齐伍庞颜倪聂章鲁岳翟殷詹申耿关兰焦俞左柳甘祝\
包宁尚符舒阮纪梅童凌毕单裴霍成苗谷盛曲翁冉骆蓝路游靳辛管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时阳阎\
穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾\
丘商隋刁沙荣巫寇桑丛郎甄敖虞仲池巩明佘查麻苑迟邝";

/// Whether a name begins with a surname that is common or a known compound one.
#[must_use]
pub fn is_surname(name: &str) -> bool {
    let head = surname(name);
    COMPOUND_SURNAMES.contains(&head)
        || head.chars().next().is_some_and(|c| FREQUENT_SURNAMES.contains(c))
}

/// The surname at the head of a Chinese name; one character unless it is a compound surname.
#[must_use]
pub fn surname(name: &str) -> &str {
    if let Some(compound) = COMPOUND_SURNAMES.iter().find(|s| name.starts_with(**s))
        && name.chars().count() > 2
    {
        return compound;
    }
    name.chars().next().map_or("", |c| &name[..c.len_utf8()])
}

/// A name as it is stored: Chinese names without blanks, the sign between the parts of a name as `·`
/// (U+00B7, GB/T 15834 and the usage of identity cards), full-width letters as usual ones.
///
/// ```
/// use menpai::domain::names::tidy;
/// assert_eq!(tidy("张　三"), "张三");
/// assert_eq!(tidy("阿依古丽•买买提"), "阿依古丽·买买提");
/// assert_eq!(tidy("阿依古丽 买买提"), "阿依古丽·买买提");
/// assert_eq!(tidy("Anna  Maria Rossi"), "Anna Maria Rossi");
/// ```
#[must_use]
pub fn tidy(name: &str) -> String {
    const DOTS: [char; 12] = ['·', '•', '．', '・', '‧', '∙', '●', '⋅', '･', '᛫', '•', '.'];
    let name: String = name.chars().map(super::half_width).collect();
    if !name.chars().any(is_han) {
        return name.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let name: String = name.chars().map(|c| if DOTS.contains(&c) { '·' } else { c }).collect();
    let parts: Vec<&str> =
        name.split(['·', ' ', '\t', '\n', '\r']).filter(|p| !p.is_empty()).collect();
    // A blank parts long names as the dot does; 张 三 is 张三.
    let is_parted = name.contains('·') || parts.iter().all(|part| part.chars().count() >= 3);
    parts.join(if is_parted { "·" } else { "" })
}

/// Whether a name consists of Chinese signs alone.
#[must_use]
pub fn is_chinese(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_han)
}

/// Every way to read a surname in pinyin: full and initials. The usual one first.
#[must_use]
pub fn surname_readings(surname: &str) -> Vec<(String, String)> {
    let mut found = readings(surname);
    if let Some((text, reading)) = SURNAME_READINGS.iter().find(|(text, _)| *text == surname) {
        let initials =
            if text.chars().count() == 2 { split_compound(reading) } else { &reading[..1] };
        let usual = ((*reading).to_owned(), initials.to_owned());
        found.retain(|other| *other != usual);
        found.insert(0, usual);
    }
    found
}

/// Whether a character is Chinese.
fn is_han(c: char) -> bool {
    ('\u{3400}'..='\u{9FFF}').contains(&c)
        || ('\u{F900}'..='\u{FAFF}').contains(&c)
        || c >= '\u{20000}'
}

/// A name as names are compared: [`tidy`], without dots and blanks, traditional characters as
/// simplified ones, lower case.
///
/// ```
/// use menpai::domain::names::folded;
/// assert_eq!(folded("張桂英"), folded("张桂英"));
/// assert_eq!(folded("阿依古丽·买买提"), folded("阿依古丽买买提"));
/// ```
#[must_use]
pub fn folded(name: &str) -> String {
    super::address::simplified_text(&tidy(name))
        .chars()
        .map(simplified)
        .filter(|c| *c != '·' && !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Characters of names in traditional script, each before its simplified form (《简化字总表》, 1986): the
/// surnames and the signs that are frequent in given names.
const TRADITIONAL: &str = "\
張张 陳陈 劉刘 黃黄 吳吴 趙赵 孫孙 馬马 羅罗 鄭郑 謝谢 韓韩 馮冯 鄧邓 許许 蕭萧 \
葉叶 蘇苏 呂吕 盧卢 蔣蒋 賈贾 閻阎 餘余 鍾钟 譚谭 陸陆 賴赖 龍龙 萬万 錢钱 湯汤 \
嚴严 顧顾 龔龚 賀贺 莊庄 聶聂 齊齐 龐庞 顏颜 楊杨 單单 國国 華华 偉伟 強强 軍军 \
傑杰 濤涛 鳳凤 麗丽 蘭兰 紅红 雲云 靜静 貴贵 蓮莲 慶庆 權权 輝辉 豔艳 艷艳 鵬鹏 \
飛飞 興兴 榮荣 寧宁 寶宝 義义 愛爱 學学 東东 堅坚 實实 開开 際际 銀银 鐵铁 鋼钢 \
賓宾 賢贤 賜赐 連连 遠远 運运 達达 選选 長长 門门 順顺 頌颂 韻韵 風风 駿骏 鴻鸿 \
鶴鹤 維维 經经 緯纬 綠绿 練练 總总 績绩 純纯 紹绍 絲丝 綺绮 緣缘 織织 羣群 聖圣 \
聰聪 聲声 肅肃 舉举 葦苇 蔭荫 薈荟 藝艺 藍蓝 蘊蕴 衛卫 裝装 見见 規规 視视 覺觉 \
觀观 詠咏 詩诗 誠诚 語语 誌志 調调 諾诺 謙谦 講讲 譽誉 讓让 豐丰 貞贞 貝贝 財财 \
資资 贊赞 車车 輪轮 轉转 農农 邁迈 鄉乡 鄒邹 醫医 鈺钰 鈴铃 銘铭 鋒锋 錄录 錦锦 \
鍵键 鎮镇 鏡镜 鑒鉴 閃闪 間间 閔闵 關关 陽阳 陰阴 隊队 隨随 雙双 雛雏 離离 電电 \
靈灵 韋韦 頁页 項项 須须 頓顿 預预 領领 頭头 題题 願愿 類类 顯显 颯飒 飄飘 館馆 \
駒驹 騏骐 騰腾 驥骥 體体 魯鲁 鮑鲍 鮮鲜 鯤鲲 鳴鸣 鷹鹰 麥麦 黨党 齡龄 戶户 擇择 \
據据 數数 時时 晉晋 曉晓 暉晖 曆历 會会 條条 棟栋 業业 極极 樂乐 樓楼 樹树 橋桥 \
機机 歡欢 歲岁 歸归 氣气 沖冲 淨净 溫温 滿满 漢汉 潔洁 潤润 澤泽 濟济 濱滨 瀾澜 \
灣湾 為为 烏乌 無无 煥焕 煒炜 燁烨 營营 爾尔 獻献 現现 瑋玮 瑤瑶 瑩莹 環环 璽玺 \
瓊琼 畢毕 畫画 異异 當当 發发 盡尽 監监 盤盘 眾众 碩硕 礎础 禎祯 禮礼 穎颖 積积 \
穩稳 競竞 筆笔 節节 範范 簡简 糧粮 紀纪 倫伦 儀仪 億亿 優优 勝胜 勞劳 勵励 動动 \
務务 區区 協协 喬乔 圓圆 執执 塵尘 報报 壽寿 奮奋 奧奥 婭娅 嫻娴 嬌娇 嬋婵 宮宫 \
專专 對对 導导 岡冈 島岛 崗岗 嶺岭 幹干 廣广 廬庐 彥彦 後后 從从 徑径 徵征 恆恒 \
憲宪 應应 懷怀 戰战 擁拥 敘叙 \
";

fn simplified(c: char) -> char {
    static TABLE: std::sync::OnceLock<std::collections::HashMap<char, char>> =
        std::sync::OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let pairs = TRADITIONAL.split_ascii_whitespace().filter_map(|pair| {
            let mut signs = pair.chars();
            Some((signs.next()?, signs.next()?))
        });
        pairs.collect()
    });
    if c.is_ascii() { c } else { table.get(&c).copied().unwrap_or(c) }
}

/// Whether a text is what a Chinese person may be called: two to four signs, the first a surname.
#[must_use]
pub fn is_plausible(text: &str) -> bool {
    (2..=4).contains(&text.chars().count()) && text.chars().all(is_han) && is_surname(text)
}

/// Whether a text is as short as a Chinese name and holds nothing else than Chinese signs.
#[must_use]
pub fn is_short(text: &str) -> bool {
    (2..=4).contains(&text.chars().count()) && text.chars().all(is_han)
}

/// Whether a cell names several people: 马青、李兰, 马青 李兰, 马青（李兰）, 马青等3人.
#[must_use]
pub fn are_several(cell: &str) -> bool {
    let cell: String = cell.trim().chars().map(super::half_width).collect();
    let has_rest = cell.contains('等') && cell.ends_with('人');
    let parts: Vec<&str> = cell
        .split(|c: char| c.is_whitespace() || "、,;/\\|+&()和".contains(c))
        .filter(|part| !part.is_empty())
        .collect();
    let names = parts.iter().filter(|part| is_plausible(part)).count();
    has_rest || parts.len() >= 2 && names >= 2
}

/// Every way to read a name in pinyin, at most 16: full and initials. The usual one first.
#[must_use]
pub fn readings(name: &str) -> Vec<(String, String)> {
    const MOST: usize = 16;
    let usual = pinyin_and_initials(name);
    let mut found = vec![(String::new(), String::new())];
    for c in name.chars() {
        let all: Vec<(String, String)> = match c.to_pinyin_multi() {
            Some(multi) => {
                let one = |p: pinyin::Pinyin| (p.plain().to_owned(), p.first_letter().to_owned());
                let mut all: Vec<_> = multi.into_iter().map(one).collect();
                all.dedup();
                all
            }
            None if c.is_alphanumeric() => {
                let lower: String = c.to_lowercase().collect();
                vec![(lower.clone(), lower)]
            }
            None => continue,
        };
        let mut longer = Vec::with_capacity(found.len() * all.len());
        for (full, initials) in &found {
            for (more, letter) in &all {
                longer.push((format!("{full}{more}"), format!("{initials}{letter}")));
            }
        }
        longer.truncate(MOST);
        found = longer;
    }
    found.retain(|reading| *reading != usual);
    found.insert(0, usual);
    found.truncate(MOST);
    found
}

/// The part of a text that somebody has typed: as it stands (in any case), or in pinyin or initials in any of its
/// readings; a byte range, the first one where there are several.
///
/// ```
/// use menpai::domain::names::typed_part;
/// assert_eq!(typed_part("橡树湾小区", "树湾"), Some(3..9));
/// assert_eq!(typed_part("橡树湾小区", "xsw"), Some(0..9));
/// assert_eq!(typed_part("橡树湾小区", "shuwan"), Some(3..9));
/// assert_eq!(typed_part("Block A7", "a7"), Some(6..8));
/// assert_eq!(typed_part("橡树湾小区", "梧桐"), None);
/// // However many readings, it ends.
/// assert_eq!(typed_part(&"啊".repeat(200), &("a".repeat(199) + "b")), None);
/// ```
#[must_use]
pub fn typed_part(text: &str, typed: &str) -> Option<std::ops::Range<usize>> {
    let typed: Vec<char> = typed.chars().flat_map(char::to_lowercase).collect();
    if typed.is_empty() {
        return None;
    }
    let signs: Vec<(usize, char)> = text.char_indices().collect();
    let end = |at: usize| signs.get(at).map_or(text.len(), |(byte, _)| *byte);
    let spelt = |from: usize| signs_typed(&signs[from..], &typed).map(|n| (from, from + n));
    let (from, to) = (0..signs.len()).find_map(spelt)?;
    Some(end(from)..end(to))
}

/// How many signs are typed by the whole of a text: each by itself, by its initial, or by its pinyin; the last one may
/// be typed in part.
fn signs_typed(signs: &[(usize, char)], typed: &[char]) -> Option<usize> {
    // How much of what was typed the signs so far can stand for: each way once, however many lead there.
    let mut reached = vec![false; typed.len() + 1];
    reached[0] = true;
    for (count, (_, sign)) in signs.iter().enumerate() {
        let mut next = vec![false; typed.len() + 1];
        for from in (0..typed.len()).filter(|from| reached[*from]) {
            let rest = &typed[from..];
            if sign.to_lowercase().eq([rest[0]]) {
                next[from + 1] = true;
            }
            for reading in sign.to_pinyin_multi().into_iter().flatten() {
                let plain = reading.plain();
                let alike = plain.chars().zip(rest).take_while(|(a, b)| a == *b).count();
                if alike > 0 {
                    next[from + 1] = true;
                }
                if alike == plain.len() || alike == rest.len() {
                    next[from + alike] = true;
                }
            }
        }
        if next[typed.len()] {
            return Some(count + 1);
        }
        // Nothing is typed by no sign.
        next[0] = false;
        if !next.contains(&true) {
            return None;
        }
        reached = next;
    }
    None
}

/// Pinyin without tones, and its initials: `张桂英` → (`zhangguiying`, `zgy`). Characters with no
/// reading are kept as they are (lower case), so Latin names stay searchable.
#[must_use]
pub fn pinyin_and_initials(name: &str) -> (String, String) {
    let mut full = String::with_capacity(name.len() * 2);
    let mut initials = String::with_capacity(4);
    let head = surname(name);
    let rest = match SURNAME_READINGS.iter().find(|(s, _)| *s == head) {
        Some((s, reading)) => {
            full.push_str(reading);
            let parts =
                if s.chars().count() == 2 { split_compound(reading) } else { &reading[..1] };
            initials.push_str(parts);
            &name[head.len()..]
        }
        None => name,
    };
    for c in rest.chars() {
        if let Some(reading) = c.to_pinyin() {
            full.push_str(reading.plain());
            initials.push_str(reading.first_letter());
        } else if c.is_alphanumeric() {
            full.extend(c.to_lowercase());
            initials.extend(c.to_lowercase());
        }
    }
    (full, initials)
}

fn split_compound(reading: &str) -> &'static str {
    match reading {
        "yuchi" => "yc",
        "zhangsun" => "zs",
        "moqi" => "mq",
        _ => "tt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surname_cases() {
        assert_eq!(surname("张桂英"), "张");
        assert_eq!(surname("欧阳娜"), "欧阳");
        assert_eq!(surname("欧阳"), "欧", "two characters: a plain surname and a name");
        assert_eq!(surname("A·Smith"), "A");
        assert_eq!(surname(""), "");
    }

    #[test]
    fn pinyin_cases() {
        let check = |name: &str, full: &str, initials: &str| {
            assert_eq!(pinyin_and_initials(name), (full.to_owned(), initials.to_owned()));
        };
        check("张桂英", "zhangguiying", "zgy");
        check("单雄信", "shanxiongxin", "sxx");
        check("尉迟敬", "yuchijing", "ycj");
        check("Anna Li", "annali", "annali");
        check("万俟雪", "moqixue", "mqx");
    }

    #[test]
    fn several_people_in_a_cell() {
        for cell in [
            "马青、李兰",
            "马青/李兰",
            "马青,李兰",
            "马青 李兰",
            "马青（李兰）",
            "马青等3人",
            "马青\n李兰",
            "马青和李兰",
        ] {
            assert!(are_several(cell), "{cell}");
        }
        for cell in
            ["张三", "张 三", "欧阳 娜", "阿依古丽·买买提", "Anna Li", "张三（户主）", "和珅"]
        {
            assert!(!are_several(cell), "{cell}");
        }
    }

    #[test]
    fn every_reading_is_found() {
        let check = |name: &str, query: &str| {
            let is_known = |reading: &str| {
                readings(name).iter().any(|(full, initials)| full == reading || initials == reading)
            };
            assert!(is_known(query), "{name} {query}: {:?}", readings(name));
        };
        check("任长江", "rcj");
        check("任长江", "rzj");
        check("任长江", "renchangjiang");
        check("单雄飞", "sxf");
        check("曾广贤", "zgx");
    }
}
