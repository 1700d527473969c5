//! The word behind a number: what it numbers (幢 单元 室 弄 …), with the usual slips for it.

use super::normal::is_chinese_numeral;
use super::pieces::{Kind, Scanner};

impl Scanner<'_> {
    /// The word behind a number `from..to`: what it numbers, and where the word ends.
    pub(super) fn suffix(&self, from: usize, to: usize) -> Option<(Kind, usize)> {
        let (c, next, third) = (self.at(to), self.at(to + 1), self.at(to + 2));
        let ends_or_goes_on = |i: usize| {
            i >= self.s.len()
                || !self.at(i).is_alphabetic()
                || self.at(i).is_ascii()
                || is_chinese_numeral(self.at(i))
                || matches!(self.at(i), '东' | '西' | '甲' | '乙' | '丙' | '丁' | '负' | '中')
        };
        let is_long = to - from >= 3;
        Some(match c {
            '号' => match (next, third) {
                ('楼' | '幢' | '栋' | '座' | '撞' | '懂', _) => (Kind::Building, to + 2),
                // 九号公寓 at the front is a name.
                ('别', '墅') => (Kind::Building, to + 3),
                ('写', '字') if self.at(to + 3) == '楼' => (Kind::Building, to + 4),
                ('公', '寓') if from > 0 => (Kind::Building, to + 3),
                ('宿', '舍') => {
                    (Kind::Building, if self.at(to + 3) == '楼' { to + 4 } else { to + 3 })
                }
                ('院', _) => (Kind::HaoYuan, to + 2),
                ('大', '院') => (Kind::HaoYuan, to + 3),
                ('门', '面' | '市' | '店') => (Kind::Hao, to + 1),
                ('门', c) if c == '口' || c == '岗' || c == '卫' => return None,
                ('门', _) => (Kind::Unit, to + 2),
                ('单', '元') => (Kind::Unit, to + 3),
                ('房', '间') => (Kind::Room, to + 3),
                ('室' | '房' | '户', _) => (Kind::Room, to + 2),
                ('线', _) => return None,
                _ => (Kind::Hao, to + 1),
            },
            '幢' | '栋' | '座' => {
                let end =
                    if next == '楼' || next == '号' && third == '楼' { to + 2 } else { to + 1 };
                (Kind::Building, end)
            }
            '撞' | '懂' | '床' | '憧' | '橦' | '潼' | '桩' | '舍' | '斋' | '塔'
                if ends_or_goes_on(to + 1) =>
            {
                (Kind::Building, to + 1)
            }
            '好' if next == '楼' => (Kind::Building, to + 2),
            '#' => (Kind::Hash, if matches!(next, '楼' | '栋' | '幢') { to + 2 } else { to + 1 }),
            '楼' if next == '道' || next == '梯' => return None,
            '楼' => (Kind::Lou, to + 1),
            '单' => match next {
                '元' | '无' | '员' | '园' | '云' | '圆' => (Kind::Unit, to + 2),
                '位' if self.in_tail && third.is_ascii_digit() => (Kind::Unit, to + 2),
                _ if ends_or_goes_on(to + 1) => (Kind::Unit, to + 1),
                _ => return None,
            },
            '门' | '梯' if ends_or_goes_on(to + 1) => (Kind::Unit, to + 1),
            '层' => (Kind::Floor, to + 1),
            'F' if !next.is_ascii_alphabetic() => (Kind::Floor, to + 1),
            '室' => (Kind::Room, to + 1),
            '户' if next != '型' => (Kind::Room, to + 1),
            '房' if next == '间' => (Kind::Room, to + 2),
            '房' if !matches!(next, '屋' | '产' | '山' | '东') => (Kind::Room, to + 1),
            '市' | '式' | '事' | '试' if is_long && to + 1 >= self.s.len() => {
                (Kind::Room, to + 1)
            }
            '商' if next == '铺' => (Kind::ShopNo, to + 2),
            '门' if next == '面' || next == '市' => {
                (Kind::ShopNo, if third == '房' { to + 3 } else { to + 2 })
            }
            '铺' | '店' if ends_or_goes_on(to + 1) => (Kind::ShopNo, to + 1),
            // 二七区 is a district of Zhengzhou.
            '区' if self.s[..to].ends_with(&['二', '七']) => return None,
            '期' | '区' => (Kind::Zone, to + 1),
            '别' if next == '墅' && third != '区' => (Kind::Building, to + 2),
            '村' if self.s[from].is_ascii_digit() && from > 0 => (Kind::Zone, to + 1),
            '组' if next == '团' => (Kind::Zone, to + 2),
            '组' | '队' => (Kind::Group, to + 1),
            '社' if next != '区' => (Kind::Group, to + 1),
            '排' => (Kind::Row, to + 1),
            '弄' => (Kind::Lane, to + 1),
            // 五一巷 and 八一巷 are names, 三巷 and 十二巷 numbers.
            '巷' if !matches!(next, '子' | '口' | '道')
                && (self.s[from].is_ascii_digit()
                    || is_long
                    || to - from == 1 && (from == 0 || !is_chinese_numeral(self.at(from - 1)))
                    || self.s[from..to].contains(&'十')) =>
            {
                (Kind::Lane, to + 1)
            }
            '支' if next == '弄' => (Kind::Lane, to + 2),
            _ => return None,
        })
    }
}
