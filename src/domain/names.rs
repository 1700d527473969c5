//! Chinese personal names: compound surnames, and pinyin for search.

use pinyin::ToPinyin as _;

/// Compound surnames still in use, for masking (欧阳* and not 欧**) and for pinyin.
const COMPOUND_SURNAMES: [&str; 24] = [
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "长孙", "司徒", "夏侯",
    "令狐", "宇文", "轩辕", "端木", "独孤", "南宫", "第五", "百里", "东郭", "呼延", "澹台", "拓跋",
];

/// Surnames read otherwise than the same character elsewhere (《现代汉语词典》, 7th ed.).
const SURNAME_READINGS: [(&str, &str); 22] = [
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
    }
}
