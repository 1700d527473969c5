//! Forms that are filled: rows where they belong, what stands below moved down, everything else byte for byte.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use calamine::Reader as _;
use menpai::app::forms;
use menpai::export::fill::{Filled, Filling, fill};
use menpai::export::taking::{ExtractError, Taking};
use menpai::import::Kind;
use menpai::query::Vocabulary;
use menpai::query::table::{Scope, TableKind};
use menpai::store::StoreError;
use menpai::text::Lang;
use rust_xlsxwriter::{Format, FormatBorder, Formula, Workbook};

use super::import::{Fixture, estate};
use super::{stamp, today};

/// A form as a street office sends it: a title, headings, two framed rows, a foot.
pub fn form(path: &Path, foot: &str) {
    let mut book = Workbook::new();
    let framed = Format::new().set_border(FormatBorder::Thin);
    book.add_worksheet().set_name("填表说明").unwrap().write(0, 0, "一人一行").unwrap();
    let sheet = book.add_worksheet().set_name("登记表").unwrap();
    sheet.merge_range(0, 0, 0, 5, "重点人员登记表 <2026>", &Format::new()).unwrap();
    for (column, heading) in
        ["序号", "姓名", "身份证号", "年龄（岁）", "居住地址", "血型"].iter().enumerate()
    {
        sheet.write(1, column as u16, *heading).unwrap();
    }
    for row in 2..4 {
        sheet.write(row, 0, row - 1).unwrap();
        for column in 1..6 {
            sheet.write_blank(row, column, &framed).unwrap();
        }
    }
    sheet.merge_range(4, 0, 4, 2, "填表人：", &Format::new()).unwrap();
    if foot.starts_with('=') {
        sheet.write_formula(4, 3, Formula::new(foot)).unwrap();
    } else {
        sheet.write(4, 3, foot).unwrap();
    }
    book.save(path).unwrap();
}

fn people(f: &Fixture, count: usize) {
    let lines: String =
        (0..count).map(|n| format!("张<{n}>&,19{:02}-01-01,橡树湾3幢2单元501\n", 20 + n)).collect();
    f.import(Kind::Persons, &format!("姓名,出生日期,地址\n{}", lines.replace(['<', '>', '&'], "")));
}

fn filled(
    f: &Fixture,
    form: &Path,
    to: &Path,
    purpose: Option<&str>,
) -> Result<Filled, ExtractError> {
    filled_as(f, form, (to, &[]), purpose)
}

/// The same, with headings whose column somebody chose.
fn filled_as(
    f: &Fixture,
    form: &Path,
    (to, chosen): (&Path, &[(String, String)]),
    purpose: Option<&str>,
) -> Result<Filled, ExtractError> {
    let reader = f.workspace.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    let taking = Taking {
        kind: TableKind::Persons,
        scope: Scope::All,
        filter: menpai::query::Filter::default(),
        to: to.to_owned(),
        replaces: false,
        purpose: purpose.map(str::to_owned),
        vocabulary: &vocabulary,
        lang: Lang::Zh,
        today: today(),
    };
    let filling = Filling {
        form: form.to_owned(),
        taking,
        spellings: vec![
            ("居住地址".to_owned(), "address".to_owned()),
            ("身份证号".to_owned(), "id_no".to_owned()),
        ],
        chosen: chosen.to_vec(),
    };
    fill(&f.workspace, &stamp(), &filling, &mut |_| Ok(()))
}

fn parts(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        let name = entry.name().unwrap().to_string();
        entry.read_to_end(&mut bytes).unwrap();
        parts.insert(name, bytes);
    }
    parts
}

pub fn cells(path: &Path) -> Vec<Vec<String>> {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
    let range = book.worksheet_range("登记表").unwrap();
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn a_form_is_filled_and_its_foot_moves_down() {
    let f = estate();
    people(&f, 5);
    let (blank, to) = (f.folder.path().join("form.xlsx"), f.folder.path().join("out.xlsx"));
    form(&blank, "日期：");
    let done = filled(&f, &blank, &to, None).unwrap();
    assert_eq!(done.rows, 5);
    let columns: Vec<&str> = done.columns.iter().map(|(_, key)| *key).collect();
    assert_eq!(columns, ["number", "name", "id_no", "age", "address"]);
    assert_eq!(done.unknown, ["血型"]);
    let rows = cells(&to);
    assert_eq!(rows[0][0], "重点人员登记表 <2026>");
    assert_eq!(rows[1][1], "姓名");
    assert_eq!(rows[2], ["1", "张*", "", "106", "橡树湾 3幢 2单元501室", ""]);
    assert_eq!(rows[6][..2], ["5", "张*"]);
    assert_eq!((rows[7][0].as_str(), rows[7][3].as_str(), rows.len()), ("填表人：", "日期：", 8));
    // The frames of the form's rows are those of the new ones.
    let (before, after) = (parts(&blank), parts(&to));
    let sheet = "xl/worksheets/sheet2.xml";
    let xml = String::from_utf8(after[sheet].clone()).unwrap();
    let framed = |row: u32| {
        let at = xml.find(&format!("<c r=\"B{row}\"")).unwrap();
        xml[at..].split('>').next().unwrap().contains(" s=\"")
    };
    assert!((3..=7).all(framed), "{xml}");
    assert!(
        xml.contains("<mergeCell ref=\"A8:C8\"/>") && xml.contains("<mergeCell ref=\"A1:F1\"/>")
    );
    // Every other part is the same, byte for byte.
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (name, bytes) in before.iter().filter(|(name, _)| name.as_str() != sheet) {
        assert_eq!(bytes, &after[name], "{name}");
    }
    let (action, fields): (String, String) = f
        .workspace
        .reader()
        .unwrap()
        .query_row("SELECT action, fields FROM audit_log ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(action, "fill_form");
    assert!(fields.contains("masked") && fields.contains(&done.sha256), "{fields}");
    // A file that is there stays.
    let again = filled(&f, &blank, &to, None);
    assert!(matches!(again, Err(ExtractError::Store(StoreError::Exists(_)))));
}

#[test]
fn few_rows_leave_the_rest_of_the_form_as_it_is() {
    let f = estate();
    people(&f, 1);
    let (blank, to) = (f.folder.path().join("form.xlsx"), f.folder.path().join("out.xlsx"));
    form(&blank, "=SUM(D3:D4)");
    filled(&f, &blank, &to, Some("报送街道")).unwrap();
    let rows = cells(&to);
    assert_eq!(rows[2][1], "张0", "in full for a purpose");
    assert_eq!((rows[3][0].as_str(), rows[3][1].as_str()), ("2", ""));
    assert_eq!(rows[4][0], "填表人：");
}

#[test]
fn what_cannot_be_filled_is_said_and_nothing_is_written() {
    let f = estate();
    people(&f, 3);
    let to = f.folder.path().join("out.xlsx");
    let said = |blank: &Path| match filled(&f, blank, &to, None) {
        Err(ExtractError::File(message)) => message.text(Lang::En),
        other => panic!("{other:?}"),
    };
    let blank = f.folder.path().join("sums.xlsx");
    form(&blank, "=SUM(D3:D4)");
    assert!(said(&blank).contains("room for 2 rows above its formulas"), "{}", said(&blank));
    let other = super::write(f.folder.path(), "no.xlsx", "no workbook");
    assert!(said(&other).contains("cannot be read"));
    assert!(said(&f.folder.path().join("nowhere.xlsx")).contains("nowhere.xlsx"));
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "血型").unwrap();
    let strange = f.folder.path().join("strange.xlsx");
    book.save(&strange).unwrap();
    assert!(said(&strange).contains("no sheet of the form has headings"));
    // A workbook that is cut off, or has a part damaged anywhere, is told as such.
    form(&blank, "日期：");
    let whole = std::fs::read(&blank).unwrap();
    for nth in 1..20 {
        let cut = &whole[..whole.len() * nth / 20];
        std::fs::write(&strange, cut).unwrap();
        said(&strange);
    }
    assert!(!to.exists());
    let left = std::fs::read_dir(f.folder.path()).unwrap().map(|e| e.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().contains("partial")));
}

#[test]
fn what_headings_mean_is_chosen_once_and_remembered_for_forms_with_the_same_headings() {
    let f = estate();
    people(&f, 2);
    let folder = f.folder.path();
    let (path, to) = (folder.join("form.xlsx"), folder.join("out.xlsx"));
    form(&path, "");
    let reader = f.workspace.reader().unwrap();
    let plan = forms::plan(&reader, &path, TableKind::Persons).unwrap();
    let of = |plan: &forms::FormPlan, heading: &str| {
        plan.headings.iter().find(|h| h.text == heading).unwrap().column
    };
    assert!(plan.chosen.is_empty());
    assert_eq!(of(&plan, "序号"), Some("number"));
    assert_eq!((of(&plan, "年龄（岁）"), of(&plan, "血型")), (Some("age"), None));
    // The blood group is where the sex goes, and ages are not told.
    let chosen: Vec<(String, String)> = plan
        .headings
        .iter()
        .map(|heading| {
            let column = match heading.text.as_str() {
                "血型" => "sex",
                "年龄（岁）" => "",
                _ => heading.column.unwrap_or_default(),
            };
            (heading.text.clone(), column.to_owned())
        })
        .collect();
    let done = filled_as(&f, &path, (&to, &chosen), None).unwrap();
    assert_eq!(done.unknown, ["年龄（岁）"]);
    assert!(done.columns.contains(&("血型".to_owned(), "sex")));
    assert!(cells(&to)[2][3].is_empty(), "{:?}", cells(&to)[2]);
    forms::remember(&f.workspace, &stamp(), TableKind::Persons, &chosen).unwrap();
    let reader = f.workspace.reader().unwrap();
    let again = forms::plan(&reader, &path, TableKind::Persons).unwrap();
    assert_eq!((of(&again, "血型"), of(&again, "年龄（岁）")), (Some("sex"), None));
    // A form about rooms, or with other headings, is another form.
    assert!(forms::plan(&reader, &path, TableKind::Rooms).map_or(true, |p| p.chosen.is_empty()));
    // What is no form is said.
    let none = folder.join("none.xlsx");
    std::fs::write(&none, "no workbook").unwrap();
    assert!(forms::plan(&reader, &none, TableKind::Persons).is_err());
}
