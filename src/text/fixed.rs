//! The fixed texts: buttons, headings, labels, hints.

use crate::domain::Lang;

macro_rules! texts {
    ($($name:ident => $zh:literal, $en:literal;)*) => {
        /// A fixed text; [`Text::get`] gives it in a language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is its own English text")]
        pub enum Text { $($name),* }

        impl Text {
            /// Every text, for tests.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The text in a language.
            #[must_use]
            pub const fn get(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$name, Lang::Zh) => $zh, (Self::$name, Lang::En) => $en,)*
                }
            }
        }
    };
}

texts! {
    // On paper
    RunningNumber => "序号", "No.";
    PageOf => "第 {} 页，共 {} 页", "page {} of {}";
    Roster => "花名册", "Roster";
    RosterOf => "花名册…", "Roster…";
    DoorList => "走访清单", "Door list";
    RelationToHead => "与户主关系", "Relation to head";
    VisitNotes => "走访情况", "Notes";
    RosterHint => "每扇门住着谁，按楼栋、单元、楼层排好，适合打印", "Who lives behind every door, in walking order, for printing";
    DoorListHint => "每户一行，留出手写的位置，适合带着走访", "A line for every door with room to write, to take along";
    GoesOn => "（续）", " (continued)";
    PaperMasked => "个人信息已脱敏", "Personal data is masked";
    PaperOpen => "含个人信息，仅用于：{}。用后请妥善保管或销毁", "Personal data, only for: {}. Keep it safe; destroy it after use";
    // Work by hand
    MenuEdit => "编辑", "Edit";
    Undo => "撤销", "Undo";
    Redo => "重做", "Redo";
    PastDeeds => "操作记录…", "Past deeds…";
    PastDeedsEmpty => "还没有任何操作", "Nothing has been done yet";
    MyWork => "我的工作", "My work";
    ReportEvent => "上报事件…", "Report an event…";
    ReportEventHere => "在此上报事件…", "Report an event here…";
    Everybody => "全部人员", "Everybody";
    WhoActs => "当前操作人", "Who acts";
    Save => "保存", "Save";
    EditRecord => "修改", "Edit";
    EditOf => "修改{}", "Edit the {}";
    Add => "新增", "Add";
    AddPerson => "新增人员…", "Add a person…";
    TypeAnew => "重新填写", "Type it anew";
    ConflictTitle => "以下内容已被其他人修改", "Somebody else has changed this meanwhile";
    Seen => "打开时", "When you began";
    Theirs => "现在", "Now";
    Yours => "您的修改", "Yours";
    TakeMine => "用我的修改", "Take mine";
    TakeTheirs => "保留现在的", "Keep theirs";
    MoveIn => "迁入", "Move in";
    MoveTo => "迁往…", "Move to…";
    MoveOut => "迁出…", "Moved out…";
    MoveWhere => "房屋（楼栋编码,单元,房号）", "Room (CODE,UNIT,ROOM)";
    SecondHome => "原住处保留（第二住所）", "What they have stays their home too";
    Deceased => "去世", "Deceased";
    MakeHead => "设为户主", "Make head";
    OnDay => "日期", "Day";
    Visit => "走访", "Visit";
    VisitForm => "走访记录…", "Visit…";
    Visits => "走访", "Visits";
    NoVisits => "还没有走访记录", "No visits yet";
    Found => "走访结果", "Found";
    Mode => "走访方式", "How";
    NextVisit => "下次走访", "Next visit";
    Note => "备注", "Note";
    Purpose => "目的", "Purpose";
    EventTitle => "标题", "Title";
    EventText => "情况描述", "What happened";
    CalledAt => "来电（报告）时间", "When they called";
    PlaceWords => "地点说明", "Where, in words";
    SimilarEvents => "附近类似的未结事件", "Open events like it nearby";
    Opinion => "意见", "Opinion";
    Until => "截止时间", "Until";
    HappenedAt => "发生时间", "When it happened";
    Outcome => "办理结果", "How it came out";
    OfEvent => "重复的事件编号", "Number of the event it repeats";
    Handler => "处置人", "Handler";
    Grade => "难易", "Grade";
    Grant => "同意", "Grant";
    Deny => "不同意", "Deny";
    AsksFor => "申请", "Asks for";
    Timeline => "办理过程", "Course";
    Clocks => "时限", "Deadlines";
    WhyThen => "为何是这个时间？", "Why then?";
    BackDated => "补录", "Entered later";
    TakenBack => "已撤回", "Taken back";
    More => "更多", "More";
    NothingWaits => "没有待办事项", "Nothing waits";
    NobodyYet => "未定", "Nobody yet";
    EveryoneNow => "现在", "Now";
    DeleteRecord => "删除…", "Delete…";
    DeleteSure => "确定删除", "Delete it";
    FactsFrom => "这些信息从哪里来", "Where these facts come from";
    BuildingCode => "楼栋编码", "Building code";
    RoomNumber => "房号", "Room number";
    StaffNoun => "工作人员", "staff member";
    OrganisationNoun => "组织", "organisation";
    JoinHouseholds => "合并为一户", "Make one household";
    // Words of the trade
    Building => "楼栋", "Building";
    Buildings => "楼栋", "Buildings";
    BuildingSuffix => "幢", "Bldg";
    UnitSuffix => "单元", "Unit";
    RoomSuffix => "室", "";
    Estate => "小区", "Estate";
    Room => "房屋", "Room";
    Rooms => "房屋", "Rooms";
    Units => "单元", "Units";
    FloorsAbove => "地上", "Floors";
    FloorsBelow => "地下", "Basements";
    Floors => "层", "floors";
    Grid => "网格", "Grid";
    GridLeader => "网格长", "Grid leader";
    BuildingLeader => "楼栋长", "Building leader";
    Household => "住户", "Household";
    Households => "户", "Households";
    Person => "人员", "Person";
    Persons => "人员", "People";
    Registered => "户籍", "Registered";
    Floating => "流动", "Floating";
    Overseas => "境外", "Overseas";
    Enterprise => "企业", "Enterprise";
    Enterprises => "企业", "Enterprises";
    Event => "事件", "Event";
    Events => "事件", "Events";
    OpenEvents => "未结事件", "Open events";
    Devices => "设备", "Devices";
    Tags => "标签", "Tags";
    Age => "年龄", "Age";
    Sex => "性别", "Sex";
    Name => "姓名", "Name";
    Phone => "电话", "Phone";
    Address => "地址", "Address";
    Kind => "类型", "Kind";
    Population => "人口", "People";
    History => "居住记录", "Residency history";
    UnassignedUnit => "单元未定", "Unit unknown";
    NobodyRegistered => "没有登记的居住人员", "Nobody is registered here";
    Matrix => "楼盘表", "Matrix";
    Category => "类别", "Category";
    Severity => "难易", "Difficulty";
    Source => "来源", "Source";
    ReportedAt => "上报时间", "Reported";
    OccurredAt => "发生时间", "Occurred";
    Place => "地点", "Place";
    Nearby => "周边", "Nearby";
    Verified => "核实", "Verified";
    Since => "入住", "Since";
    // Menus and commands
    MenuFile => "文件", "File";
    MenuView => "视图", "View";
    MenuHelp => "帮助", "Help";
    NewWorkspace => "新建工作区…", "New workspace…";
    OpenWorkspace => "打开工作区…", "Open workspace…";
    OpenRecent => "最近打开", "Open recent";
    OpenSample => "打开示例", "Open the sample";
    SaveCopy => "另存副本…", "Save a copy…";
    ImportFile => "导入…", "Import…";
    ExportView => "导出视图为 PNG 或 PDF…", "Export the view as PNG or PDF…";
    CopyView => "复制视图为图片", "Copy the view as a picture";
    Export => "导出", "Export";
    PageTitle => "标题", "Title";
    Paper => "纸张", "Paper";
    A4Landscape => "A4 横", "A4 across";
    A4Portrait => "A4 竖", "A4 upright";
    A3Landscape => "A3 横", "A3 across";
    A3Portrait => "A3 竖", "A3 upright";
    PixelSize => "大小", "Size";
    Width => "宽", "Width";
    Height => "高", "Height";
    ScaleWord => "比例尺", "Scale";
    Quit => "退出", "Quit";
    ChangePassphrase => "更改口令…", "Change passphrase…";
    NewPassphrase => "新口令", "New passphrase";
    RemoveEncryption => "取消加密（不建议存放真实人员信息）",
        "Remove the encryption (not advised for real people)";
    Change => "更改", "Change";
    Palette => "查找命令…", "Find a command…";
    PaletteNothing => "没有这样的命令", "No such command";
    PreviousView => "上一视图", "Previous view";
    NextView => "下一视图", "Next view";
    Position => "位置", "Position";
    Measure => "测量距离和面积", "Measure distance and area";
    MeasureHelp => "点击添加点，Esc 结束", "Click to add points, Esc to end";
    MeasureLength => "长度", "Length";
    MeasureArea => "面积", "Area";
    AddRaster => "添加影像或地图底图…", "Add imagery or a raster map…";
    RasterPath => "MBTiles 文件，或 z/x/y 图片文件夹", "MBTiles file, or folder of z/x/y pictures";
    RemoveRaster => "移除", "Remove";
    RaiseRaster => "上移一层", "Raise";
    Opacity => "不透明度", "Opacity";
    DatumHint => "底图的坐标系：国内网络地图多为 GCJ-02，百度为 BD-09",
        "Coordinates of the map: most Chinese web maps are GCJ-02, Baidu is BD-09";
    PlainMapFull => "没有可用的显卡驱动来画这么多楼栋，请放大后查看",
        "No graphics driver draws so many buildings: zoom in to see them";
    AddBookmark => "收藏当前视图…", "Bookmark this view…";
    Bookmarks => "书签", "Bookmarks";
    RemoveBookmark => "删除书签", "Remove the bookmark";
    BookmarkName => "名称", "Name";
    LayerHeat => "事件密度", "Event density";
    LayerInset => "鹰眼图", "Overview";
    OnScreen => "当前视野", "On the screen";
    SelectRectangle => "框选楼栋", "Select by rectangle";
    SelectPolygon => "多边形选楼栋", "Select by polygon";
    SelectCircle => "按半径选楼栋", "Select by radius";
    SelectGrid => "选整个网格", "Select a grid";
    ToolRectangle => "框选", "Box";
    ToolPolygon => "多边形", "Polygon";
    ToolCircle => "半径", "Radius";
    ToolGrid => "网格", "Grid";
    ToolMeasure => "测量", "Measure";
    Radius => "半径（米）", "Radius (metres)";
    RectangleHelp => "拖出方框。Shift 增加，Ctrl 去除，Esc 结束",
        "Drag a box. Shift adds, Ctrl removes, Esc ends";
    PolygonHelp => "逐点点击，双击或回车完成。Shift 增加，Ctrl 去除",
        "Click the corners, double click or Enter ends. Shift adds, Ctrl removes";
    CircleHelp => "点击用此半径，或从圆心拖出。Shift 增加，Ctrl 去除",
        "Click for this radius, or drag from the centre. Shift adds, Ctrl removes";
    GridHelp => "点击一个网格。Shift 增加，Ctrl 去除",
        "Click a grid. Shift adds, Ctrl removes";
    SelectAround => "选择周围", "Select around here:";
    SelectedCount => "已选", "Selected:";
    BuildingsUnit => "栋", "buildings";
    Over60 => "60 岁以上", "60 and over";
    LivesAloneShort => "独住 60+", "Alone, 60+";
    Under18 => "18 岁以下", "Under 18";
    Uninhabited => "无住户楼栋", "Nobody lives in";
    ListPeople => "列出这里的人员", "List the people here";
    ListEverywhere => "不限于所选", "Not only the selection";
    CopyBuildings => "复制楼栋清单", "Copy the buildings";
    CodeWord => "编码", "Code";
    ShowBuilding => "查看这栋楼", "Show this building";
    ShowEvent => "查看这个事件", "Show this event";
    ZoomHere => "放大到这里", "Zoom in here";
    CopyPosition => "复制经纬度", "Copy the position";
    CopyAddress => "复制楼栋地址", "Copy the building's address";
    FitAll => "显示全部", "Fit all";
    FitSelection => "缩放到所选", "Fit selection";
    ZoomIn => "放大", "Zoom in";
    ZoomOut => "缩小", "Zoom out";
    TogglePanels => "隐藏或显示面板", "Hide or show panels";
    ToggleTable => "表格", "Table";
    DarkTheme => "深色", "Dark";
    LightTheme => "浅色", "Light";
    ToggleTheme => "切换深浅色", "Switch light and dark";
    SwitchLanguage => "English", "中文";
    UiLarger => "界面放大", "Larger interface";
    UiSmaller => "界面缩小", "Smaller interface";
    UiReset => "界面原始大小", "Interface at 100 %";
    Search => "搜索", "Search";
    SearchHint => "搜索 地址·姓名·电话·企业", "Search address, name, phone, enterprise";
    SearchNothing => "没有找到。可输入小区+楼号、姓名、拼音首字母、电话或证件号",
        "Nothing found. Try an estate and number, a name, pinyin initials, a phone or ID number";
    About => "关于 Menpai 门牌", "About Menpai 门牌";
    Keys => "快捷键", "Keyboard";
    Back => "返回", "Back";
    Close => "关闭", "Close";
    Cancel => "取消", "Cancel";
    Ok => "确定", "OK";
    Create => "创建", "Create";
    Open => "打开", "Open";
    Copy => "复制", "Copy";
    Dismiss => "关闭提示", "Dismiss";
    ClearAll => "清除", "Clear";
    Reveal => "查看", "Show";
    Browse => "浏览…", "Browse…";
    // Panels
    FocusPopulation => "重点人群", "Focus population";
    AnyTag => "任一", "any";
    AllTags => "同时", "all";
    AgeFrom => "从", "from";
    AgeTo => "到", "to";
    Everyone => "不限", "Everyone";
    Male => "男", "Male";
    Female => "女", "Female";
    TagHint => "右键或 Alt+点击：排除", "Right click or Alt+click: leave them out";
    MoreConditions => "更多条件", "More conditions";
    RoomState => "房屋状态", "State of the room";
    RoleInRoom => "居住身份", "Role in the room";
    FillForm => "填表…", "Fill in a form…";
    FillFormHint => "上级下发的表格（XLSX）：按表头对应，填入当前筛选的人或房，版式不变", "A form somebody sent (XLSX): filled below its headings with what the filter leaves, in its own layout";
    FormFile => "表格", "Form";
    FormMissing => "没有这个文件", "There is no such file";
    FormHeadings => "表头对应", "What the headings mean";
    FormRemembered => "已按上次的对应填好", "As it was filled the last time";
    FormLeftEmpty => "不填", "Left empty";
    FormFilled => "填好后", "When filled";
    FormItself => "这是表格本身，请另选一个文件", "This is the form itself; choose another file";
    FormUnknown => "没有对应、将留空：{}", "Means nothing here and is left empty: {}";
    FilledSuffix => "（已填）", " (filled)";
    PopulationTypes => "人口类型", "Population types";
    Ages => "年龄", "Ages";
    RoomUse => "房屋用途", "Use of rooms";
    PublicOrder => "治安", "Public order";
    EventStates => "事件状态", "States of events";
    EventsByGrid => "各网格事件", "Events by grid";
    EventsByMonth => "事件（按月）", "Events by month";
    CompareGrids => "对比网格", "Compare…";
    PrintFigures => "打印为 PDF…", "Print…";
    MoreLines => "还有 {} 项", "{} more";
    EventsOf => "事件：{}", "Events: {}";
    AllTime => "全部时间", "of all time";
    FiguresMean => "口径：人口为现住人员，在同一范围内每人计一次；重点人群按标签计，一人可有多个标签；有人居住指至少一名现住人员；超期指已过办理期限而未办结。", "What the figures mean: people are current residents, each counted once in a place; focus populations are counted by tag, and one person may carry several; inhabited rooms have a current resident; overdue events are past their time and not closed.";
    AllFigures => "一网总览", "Overview in figures";
    WholeWorkspace => "整个工作区", "The whole workspace";
    Inhabited => "有人居住", "Inhabited";
    WithoutResidents => "无人居住", "No residents";
    Overdue => "超期", "Overdue";
    VerifiedShare => "180 天内核实过的房屋：{}%", "Rooms verified in the last 180 days: {} %";
    PeopleByGrid => "各网格人口", "People by grid";
    KeptFilters => "常用筛选", "Kept filters";
    KeepFilter => "保存筛选…", "Keep this filter…";
    Forget => "删除", "Delete";
    KeptColumns => "常用列", "Kept columns";
    KeepColumns => "保存列…", "Keep these columns…";
    Extract => "提取…", "Extract…";
    ExtractAll => "全部", "Everything";
    ExtractRows => "{} 行", "{} rows";
    ExtractColumns => "列", "Columns";
    ExtractFile => "文件", "File";
    ExtractReplaces => "这个文件已存在，将被替换", "This file is there and will be replaced";
    ExtractOpen => "完整显示姓名、电话、证件号（写入审计日志）", "Names, phones and ID numbers in full (written to the audit log)";
    ExtractPurpose => "用途，例如 入户走访", "What for, such as visits";
    ExtractMasked => "姓名、电话、证件号将被遮盖", "Names, phones and ID numbers are masked";
    OrWord => "或", " or ";
    AndWord => "且", " and ";
    Over80 => "80 岁以上", "80 and over";
    Layers => "图层", "Layers";
    LayerBuildings => "建筑", "Buildings";
    LayerLabels => "标注", "Labels";
    LayerGrids => "网格", "Grids";
    LayerEvents => "事件", "Events";
    LayerDevices => "设备", "Devices";
    EventsOpenOnly => "仅未结", "Open only";
    EventsAll => "全部", "All";
    EventsAnyCategory => "所有类别", "All categories";
    EventsAnyAge => "不限时间", "Any time";
    Days7 => "7 天内", "Last 7 days";
    Days30 => "30 天内", "Last 30 days";
    MatchList => "名单比对…", "Match a list…";
    MatchListHint => "名单不写入人员档案，到期连同结果一起删除",
        "Nothing of the list is written to the residents; it is deleted with its result";
    MatchPurpose => "用途", "Purpose";
    MatchPurposeHint => "例如：高温慰问独居老人", "For example: calls in a heat wave";
    MatchBasis => "依据", "Legal basis";
    MatchBasisHint => "例如：文件名称和文号", "For example: the order and its number";
    MatchDays => "保留", "Kept for";
    Days => "天", "days";
    MatchKept => "保留中的名单", "Lists that are kept";
    MatchUntil => "删除时间", "Deleted at";
    MatchExact => "确定", "Exact";
    MatchLikely => "很可能", "Likely";
    MatchAmbiguous => "不确定", "Ambiguous";
    MatchNobody => "查无此人", "Nobody";
    EvidenceId => "证件号", "ID number";
    EvidenceOtherId => "证件号不同", "another ID number";
    EvidenceOtherName => "姓名不同", "another name";
    EvidenceBirth => "出生日期", "birth date";
    MatchGone => "这份名单已删除", "This list has been deleted";
    MatchDelete => "删除", "Delete";
    MatchDeleteAsk => "删除名单和结果？", "Delete list and result?";
    AllWord => "全部", "All";
    SaveAs => "另存为…", "Save as…";
    Table => "表格", "Table";
    TableEmpty => "没有符合条件的记录", "Nothing passes the filter";
    Earlier => "前移", "Earlier";
    RowsWord => "行", "rows";
    RowsChosen => "行已选", "rows chosen";
    CopyRows => "复制", "Copy";
    ShowOnMap => "在地图上显示", "Show on the map";
    FilterAround => "只看周围", "Only what lies within";
    SortHint => "点击排序；按住 Shift 再点，增加排序列",
        "Click to sort; with Shift, sort by this column as well";
    SelectHint => "点击地图上的楼栋，查看里面的人、房、企业和事件",
        "Click a building on the map to see its people, rooms, enterprises and events";
    NoBuildings => "工作区里还没有楼栋", "There are no buildings in this workspace yet";
    NoRooms => "这栋楼还没有房屋。导入房屋表，或按单元和楼层批量建房",
        "No rooms yet. Import a list of rooms, or make them from units and floors";
    NoEnterprises => "没有登记的企业", "No enterprises here";
    NoEvents => "没有事件", "No events";
    NoResidents => "没有登记的居住人员", "No residents are registered";
    ThemeStatus => "房屋状态", "Status";
    ThemeHeads => "人数", "Head count";
    ThemeTag => "标签", "Tags";
    ColourBy => "着色", "Colour";
    NotVerified => "180 天未核实", "Not verified for 180 days";
    LegendPersons => "人", "people";
    LegendNone => "无符合人员", "Nobody matches";
    LegendRooms => "套", "rooms";
    LegendNoRooms => "无符合房屋", "No room matches";
    OpenEvent => "未结", "Open";
    ClosedEvent => "已结", "Closed";
    MapHelp => "地图。方向键平移，加减键缩放，Tab 进入列表",
        "Map. Arrow keys pan, plus and minus zoom, Tab goes to the lists";
    Loading => "正在载入…", "Loading…";
    // Dialogs
    WorkspaceFile => "工作区文件", "Workspace file";
    Path => "路径", "Path";
    PathHint => "输入完整路径", "Type the full path";
    Passphrase => "口令", "Passphrase";
    PassphraseAgain => "再输一次口令", "Passphrase again";
    PassphraseHint => "至少 10 个字符，含大写、小写、数字、符号中的三种。忘记口令无法找回数据",
        "At least 10 characters and 3 of upper case, lower case, digits, signs. Nobody can recover data without it";
    PassphrasesDiffer => "两次输入的口令不同", "The two passphrases differ";
    WithoutEncryption => "不加密（不建议存放真实人员信息）",
        "Without encryption (not advised for real people)";
    Opening => "正在打开…", "Opening…";
    PassphraseAsked => "工作区已加密，请输入口令", "The workspace is encrypted: type its passphrase";
    ImportTitle => "导入", "Import";
    ImportFileLabel => "文件", "File";
    ImportKindLabel => "内容", "Content";
    ImportPreview => "前几行", "First rows";
    ImportAddressPart => "地址的一部分", "Part of the address";
    ImportNothingYet => "选择文件后，先在这里查看前几行", "Choose a file to see its first rows here";
    ImportStart => "开始导入", "Import";
    ImportDone => "导入完成", "Import finished";
    ImportRowsRead => "读取", "Read";
    ImportAdded => "新增", "Added";
    ImportMerged => "合并", "Merged";
    ImportUnchanged => "无变化", "Unchanged";
    ImportHeld => "待核", "To review";
    ImportRejected => "未采用", "Rejected";
    ImportSkipped => "跳过", "Skipped";
    ImportFindings => "需要查看的行", "Rows to look at";
    ImportSaveRows => "保存待改行…", "Save rows to correct";
    ImportSaveReport => "保存报告…", "Save report…";
    Row => "行", "Row";
    ReportSheet => "未导入的行", "Rows not taken";
    ReportResult => "结果", "Result";
    ReportReason => "原因", "Why";
    ReportField => "字段", "Field";
    ReportValue => "原内容", "Value";
    ImportWarning => "提醒", "Warning";
    ImportNote => "说明", "Note";
    ReportReference => "对应行", "Reference";
    ReportCorrection => "更正", "Correction";
    TemplateRequired => "必填", "required";
    TemplateOptional => "选填", "optional";
    TemplateExample => "示例：", "Example: ";
    Review => "待核", "To review";
    ReviewEmpty => "没有待核的行。导入名单后，拿不准的行会在这里等待选择", "Nothing waits. Rows of a list that could mean several things will wait here for a choice";
    ReviewMayBe => "可能是", "It may be";
    ReviewRoomMissing => "缺这间房，选择即新建", "the room is missing; choosing makes it";
    ReviewAllAlike => "同类的行一并处理", "The same for all like this";
    ReviewLearns => "并记住“{}”是这个小区的别名", "and learn \"{}\" as a name of this estate";
    ReviewTakeSo => "按此导入", "Take it so";
    MakeRooms => "批量建房…", "Make rooms…";
    MakeRoomsHint => "按单元 × 楼层 × 每层户数建房屋。已有的房屋不变；建好后可在“导入记录”里撤回", "Makes rooms from units × floors × doors. Rooms that are there stay as they are; past imports takes it back";
    MakeRoomsUnits => "单元（没有单元就留空）", "Units (empty for none)";
    MakeRoomsUnitsHint => "2，或 甲、乙", "2, or A, B";
    MakeRoomsFloors => "楼层（留空：按各楼的层数）", "Floors (empty: as many as each building has)";
    MakeRoomsFloorsHint => "6，或 B1、1-3、3A、5-18", "6, or B1, 1-3, 3A, 5-18";
    MakeRoomsDoors => "每层每单元的门号", "Doors of a floor and unit";
    MakeRoomsDoorsHint => "2，或 01-04，或 A-C", "2, or 01-04, or A-C";
    MakeRoomsCountsOn => "门号跨单元连续（2单元从 03 起）", "Doors are counted on from unit to unit (unit 2 begins with 03)";
    MakeRoomsGo => "建房", "Make the rooms";
    ReviewMakeRoom => "新建这间房", "Make the room";
    ReviewNewPerson => "是新的人", "Somebody new";
    ReviewDrop => "不导入这一行", "Do not take the row";
    ReviewUndoHint => "每一步都可以在“导入记录”里撤销", "Every step can be undone in the list of imports";
    PastImports => "导入记录…", "Imports…";
    PastImportsEmpty => "还没有导入过文件", "Nothing was imported yet";
    UndoImport => "撤销", "Undo";
    UndoImportSure => "确认撤销", "Undo it";
    UndoImportHint => "这次导入新增的记录会删除，改动的字段会恢复；之后又改过的保留",
        "What this import added is removed and what it changed is put back; later changes stay";
    ImportUndone => "已撤销", "undone";
    ImportLinks => "地址已匹配", "Addresses linked";
    ImportDryTitle => "预检结果（尚未写入）", "What would happen (nothing written yet)";
    ImportCheck => "预检", "Check first";
    ImportGo => "写入", "Import it";
    ImportSheet => "工作表", "Sheet";
    ImportLayer => "图层", "Layer";
    RowsPerSecond => "每秒 {} 行", "{} rows/s";
    SecondsLeft => "还需 {} 秒", "{} s left";
    MinutesLeft => "还需 {} 分", "{} min left";
    PrecedenceLabel => "不一致时", "Where they disagree";
    PrecedenceVisit => "走访优先，新的优先", "A visit wins, else the newer";
    PrecedenceList => "以名单为准", "The list wins";
    PrecedenceKnown => "以在册为准，只补空缺", "What is known stays";
    PrecedenceAsk => "逐条待核", "Ask me";
    CrsLabel => "坐标系", "Coordinate system";
    CrsUnknown => "（请选择）", "(choose)";
    CrsChoose => "坐标数字看不出属于哪个坐标系，请选择，并在右图核对位置", "The numbers do not say which coordinate system they are in; choose one and check the picture";
    CrsGuessed => "按坐标数字判断；请核对右图", "Judged by the numbers; check the picture";
    CrsOverlap => "{}% 的轮廓落在已有楼栋上：{}", "{} % of the outlines on loaded buildings: {}";
    CrsPicture => "导入后的位置", "Where the outlines come to lie";
    CrsThisFile => "本文件", "This file";
    CrsLoaded => "已有楼栋", "Loaded";
    CrsWgs84 => "WGS-84 / CGCS2000 经纬度", "WGS-84 / CGCS2000, degrees";
    CrsGcj02 => "GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)";
    CrsBd09 => "BD-09（百度）", "BD-09 (Baidu)";
    CrsWebMercator => "Web 墨卡托", "Web Mercator";
    CrsMeridian => "CGCS2000 高斯-克吕格，中央经线 {}°", "CGCS2000 Gauss–Krüger, meridian {}°";
    CrsZone => "CGCS2000 高斯-克吕格，{} 带", "CGCS2000 Gauss–Krüger, zone {}";
    ImportCreateRooms => "新建名单提到而楼栋里没有的房屋", "Make rooms that the list names and their building lacks";
    ImportMissingRooms => "缺少的房屋（行）", "Rows with missing rooms";
    ImportLeftOut => "不导入", "left out";
    ImportRefused => "不保存此类信息", "such data is not held";
    ImportByValues => "按内容识别", "known by its values";
    ImportKeepMapping => "记住列的用法", "Keep these columns";
    ImportUseMapping => "用以前的", "Use kept ones";
    ImportTemplate => "空白模板…", "Empty list…";
    ImportReview => "去核对", "Review";
    Tag => "标签", "Tag";
    TryAgain => "再试一次", "Try again";
    Column => "列", "Column";
    KindBuildings => "楼栋（地图文件）", "Buildings (map file)";
    KindGrids => "网格（地图文件）", "Grids (map file)";
    KindRooms => "房屋（表格）", "Rooms (list)";
    KindPersons => "人员（表格）", "Persons (list)";
    KindEnterprises => "企业（表格）", "Enterprises (list)";
    KindEvents => "事件（表格）", "Events (list)";
    KindDevices => "设备（表格）", "Devices (list)";
    KindBasemap => "底图：道路、水系、绿地（地图文件）", "Basemap: roads, water, green (map file)";
    ThemeLabel => "楼栋着色", "Colour buildings by";
    ThemePlain => "默认", "Plain";
    ThemeUse => "用途", "Use";
    ThemeFloors => "层数", "Floors";
    ThemePersons => "居住人数", "Residents";
    ThemeUnverified => "半年未核实的房屋", "Rooms not verified for half a year";
    ThemeVacant => "空置房屋", "Vacant rooms";
    OtherUse => "其他或未知", "Other or unknown";
    LegendPerson => "人", "person";
    LegendUnknown => "未知", "unknown";
    LegendZero => "没有", "none";
    LayerBasemap => "底图", "Basemap";
    RevealTitle => "查看完整信息", "Show in full";
    NoName => "无名建筑", "Building without a name";
    Near => "靠近", "near";
    BackToColumns => "返回修改列", "Back to the columns";
    UndoIt => "撤销", "Undo";
    RedoIt => "恢复", "Redo";
    Reviewed => "已核", "Reviewed";
    MadeRooms => "批量建房", "Rooms made";
    Copied => "已复制", "Copied";
    NoWorkspace => "没有打开的工作区", "No workspace is open";
    StepSample => "看看示例街道", "Look at the sample district";
    StepOpen => "打开已有的工作区", "Open a workspace that is there";
    StepNew => "新建工作区，导入自己的数据", "Make a workspace for data of your own";
    StepOutlines => "导入建筑轮廓（GeoJSON、Shapefile、KML…）", "Import the outlines of buildings (GeoJSON, Shapefile, KML…)";
    StepLists => "导入房屋和人员名单（Excel、CSV）", "Import lists of rooms and people (Excel, CSV)";
    StepClick => "点击楼栋，查看里面的人、房、企业和事件；或先看示例", "Click a building to see who and what is in it; or look at the sample first";
    StepImport => "导入…", "Import…";
    NoPeopleYet => "还没有人员。导入名单后，可以按重点人群筛选。", "No people yet. Once a list is imported, they can be filtered here.";
    ImportPeople => "导入人员…", "Import people…";
    NextPart => "下一个区域", "Next part of the window";
    SortBy => "排序", "Sort by";
    NobodyMatches => "没有符合条件的人", "Nobody here matches";
    Fold => "收起", "Less";
    Unfold => "展开", "More";
    ShowNames => "显示姓名…", "Show names…";
    ShowNamesHint => "10 分钟内搜索显示完整姓名；每次搜索显示的人数都会写入审计日志，最多 200 人", "For 10 minutes searches show names in full; how many each one shows is written to the audit log, 200 at most";
    NamesShownUntil => "姓名显示至", "Names shown until";
    RevealReason => "查看原因（写入审计日志）", "Reason (is audited)";
    DropHere => "松开鼠标导入文件", "Drop to import the file";
    // Status bar
    FilterActive => "筛选", "Filter";
    ReadOnly => "只读", "Read only";
    Encrypted => "已加密", "Encrypted";
    // About
    AboutBody => "社区网格的桌面地图：点一下楼栋，人、房、企业、事件一目了然。",
        "A desktop map of the community grid: one click on a building shows who and what is in it.";
    AboutData => "示例数据由程序自带的生成器合成，不含任何真实人员。字体：思源黑体（Noto Sans SC），SIL OFL 1.1。",
        "The sample is synthetic, made by the program's own generator; it holds no real person. Font: Noto Sans SC, SIL OFL 1.1.";
    AboutPrivacy => "不联网，不上传，不统计使用情况。数据只在您的文件里。",
        "No network, no upload, no telemetry. Your data stays in your file.";
    AboutLicence => "许可：MIT 或 Apache-2.0", "Licence: MIT OR Apache-2.0";
    Years => "岁", "y";
    PersonShort => "人", "";
    People => "人", "people";
    SquareMetres => "㎡", "m²";
    North => "北", "N";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_in_both_languages() {
        for text in Text::ALL {
            assert!(!text.get(Lang::Zh).is_empty(), "{text:?}");
            let english = text.get(Lang::En);
            let may_be_chinese = matches!(text, Text::SwitchLanguage | Text::About);
            let has_chinese = english.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
            assert!(may_be_chinese || !has_chinese, "{text:?}: {english}");
        }
    }
}
