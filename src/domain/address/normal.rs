//! The text of an address made uniform, character by character, before anything is read from it.

/// Characters of addresses in traditional script, each before its simplified form.
const TRADITIONAL: &str = "\
    樓楼 號号 單单 棟栋 層层 區区 樹树 灣湾 園园 莊庄 廣广 場场 廈厦 \
    門门 東东 陽阳 華华 國国 龍龙 鳳凤 馬马 鄉乡 鎮镇 縣县 組组 隊队 \
    裡里 裏里 長长 橋桥 蘇苏 寧宁 滬沪 慶庆 濟济 瀋沈 連连 島岛 煙烟 \
    濰潍 鄭郑 漢汉 貴贵 雲云 蘭兰 銀银 烏乌 魯鲁 齊齐 麗丽 綠绿 藍蓝 \
    紅红 黃黄 頂顶 負负 戶户 舖铺 鋪铺 臺台 廠厂 學学 醫医 劇剧 機机 \
    電电 鐵铁 鋼钢 錦锦 繡绣 賓宾 館馆 飯饭 開开 發发 興兴 業业 廟庙 \
    溝沟 澤泽 濱滨 瀾澜 嶺岭 頭头 條条 點点 聯联 經经 緯纬 勝胜 勞劳 \
    動动 軍军 車车 庫库 儲储 間间 邊边 對对 麵面 萬万 億亿 雙双 榮荣 \
    澗涧 薈荟 薔蔷 蘆芦 葦苇 楓枫 櫻樱 楊杨 檯台 歐欧 愛爱 寶宝 豐丰 \
    財财 賢贤 義义 禮礼 書书 畫画 詩诗 詞词 歡欢 樂乐 語语 錢钱 塢坞 \
    圍围 衛卫 鶴鹤 鴻鸿 鵬鹏 駿骏 鹽盐 閣阁 軒轩 舊旧 壩坝 壟垄 灘滩 \
    淺浅 漁渔 兩两 貳贰 參叁 陸陆 撿捡 衖弄";

/// What was changed on the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Changed {
    /// Traditional characters became simplified ones.
    pub traditional: bool,
}

/// Appends the uniform text to `out`: half-width, upper case, simplified, one dash, one kind of
/// bracket; blanks stay as one blank only between letters and digits, where they separate.
pub(super) fn uniform(text: &str, out: &mut Vec<char>) -> Changed {
    let mut changed = Changed::default();
    let mut is_blank_pending = false;
    for c in text.chars() {
        let c = match c {
            '0'..='9' | 'A'..='Z' => c,
            'a'..='z' => c.to_ascii_uppercase(),
            '\u{200B}'..='\u{200F}'
            | '\u{2060}'
            | '\u{FEFF}'
            | '\u{00AD}'
            | '\u{202A}'..='\u{202E}' => {
                continue;
            }
            '-'
            | '_'
            | '~'
            | '\u{2010}'..='\u{2015}'
            | '\u{2212}'
            | '\u{FE58}'
            | '\u{FE63}'
            | '\u{FF0D}'
            | '\u{FF5E}'
            | '\u{301C}'
            | '\u{2500}'
            | '\u{2501}'
            | '\u{30FC}'
            | '\u{FF3F}' => '-',
            '【' | '〔' | '[' | '{' | '「' | '《' | '〈' | '<' | '『' | '［' | '｛' | '＜' => {
                '('
            }
            '】' | '〕' | ']' | '}' | '」' | '》' | '〉' | '>' | '』' | '］' | '｝' | '＞' => {
                ')'
            }
            '①'..='⑳' => {
                push_number(out, &mut is_blank_pending, c as u32 - '①' as u32 + 1);
                continue;
            }
            'Ⅰ'..='Ⅻ' => {
                push_number(out, &mut is_blank_pending, c as u32 - 'Ⅰ' as u32 + 1);
                continue;
            }
            '○' | '◯' => '〇',
            '\u{3000}' | '\u{00A0}' => ' ',
            '\u{FF01}'..='\u{FF5E}' => {
                char::from_u32(c as u32 - 0xFEE0).unwrap_or(c).to_ascii_uppercase()
            }
            '。' => '.',
            '﹟' | '♯' => '#',
            c if c.is_ascii() => c,
            c if c.is_whitespace() || c.is_control() => ' ',
            c => simplified(c, &mut changed),
        };
        if c.is_whitespace() || c.is_control() {
            is_blank_pending = true;
            continue;
        }
        if is_blank_pending {
            is_blank_pending = false;
            if c.is_ascii_alphanumeric() && out.last().is_some_and(char::is_ascii_alphanumeric) {
                out.push(' ');
            }
        }
        out.push(c);
    }
    changed
}

fn push_number(out: &mut Vec<char>, is_blank_pending: &mut bool, number: u32) {
    if std::mem::take(is_blank_pending) && out.last().is_some_and(char::is_ascii_alphanumeric) {
        out.push(' ');
    }
    if number >= 10 {
        out.push(char::from_digit(number / 10, 10).unwrap_or('0'));
    }
    out.push(char::from_digit(number % 10, 10).unwrap_or('0'));
}

fn simplified(c: char, changed: &mut Changed) -> char {
    // Sorted once: the table above is kept by meaning, for people.
    static SORTED: std::sync::OnceLock<Vec<(char, char)>> = std::sync::OnceLock::new();
    let sorted = SORTED.get_or_init(|| {
        let pairs = TRADITIONAL.split_ascii_whitespace().filter_map(|pair| {
            let mut chars = pair.chars();
            Some((chars.next()?, chars.next()?))
        });
        let mut table: Vec<_> = pairs.collect();
        table.sort_unstable();
        table
    });
    match sorted.binary_search_by_key(&c, |(from, _)| *from) {
        Ok(index) => {
            changed.traditional = true;
            sorted[index].1
        }
        Err(_) => c,
    }
}

/// A text with simplified characters for the traditional ones of the table.
pub(in crate::domain) fn simplified_text(text: &str) -> String {
    let mut changed = Changed::default();
    text.chars().map(|c| simplified(c, &mut changed)).collect()
}

/// Value of a Chinese digit (also in its bank-note form); `None` for 十 百 and all else.
pub(super) fn chinese_digit(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' => 0,
        '一' | '壹' => 1,
        '二' | '贰' | '两' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

/// Whether a character can stand in a Chinese number.
pub(in crate::domain) fn is_chinese_numeral(c: char) -> bool {
    matches!(c, '十' | '百' | '拾' | '廿') || chinese_digit(c).is_some()
}

/// The digits a Chinese number means: 二十一 → 21, 五〇一 → 501, 一百零二 → 102.
pub(in crate::domain) fn chinese_number(text: &[char]) -> Option<String> {
    if text.iter().all(|c| chinese_digit(*c).is_some()) {
        return Some(
            text.iter().filter_map(|c| char::from_digit(chinese_digit(*c)?, 10)).collect(),
        );
    }
    let (mut total, mut digit) = (0u32, None);
    for (index, c) in text.iter().enumerate() {
        match c {
            '十' | '拾' => {
                total += digit.take().unwrap_or(u32::from(index == 0 || total > 0)) * 10;
            }
            '百' => total += digit.take()? * 100,
            '廿' => total += 20,
            c => digit = Some(chinese_digit(*c)?),
        }
        if total > 9_999 {
            return None;
        }
    }
    Some((total + digit.unwrap_or(0)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_cases() {
        let check = |text: &str, expect: &str, traditional: bool| {
            let mut out = Vec::new();
            let changed = uniform(text, &mut out);
            assert_eq!(out.iter().collect::<String>(), expect, "{text}");
            assert_eq!(changed.traditional, traditional, "{text}");
        };
        check("橡樹灣３號樓", "橡树湾3号楼", true);
        check(" 橡树湾 3 号楼 2\u{3000}501 ", "橡树湾3号楼2 501", false);
        check("a座—１２０３\u{200b}", "A座-1203", false);
        check("Ⅱ期⑫幢", "2期12幢", false);
        check("五○一【租】", "五〇一(租)", false);
    }

    #[test]
    fn numbers() {
        let check = |text: &str, expect: Option<&str>| {
            let chars: Vec<char> = text.chars().collect();
            assert_eq!(chinese_number(&chars).as_deref(), expect, "{text}");
        };
        check("二十一", Some("21"));
        check("十", Some("10"));
        check("十二", Some("12"));
        check("三十", Some("30"));
        check("五〇一", Some("501"));
        check("一百零二", Some("102"));
        check("两", Some("2"));
        check("廿三", Some("23"));
        check("百", None);
    }
}
