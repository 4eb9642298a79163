-- Puts the words of each numbered mark into the parsed document as plain text, builds tables and
-- figures, and numbers headings, captions and lists. Words from outside never pass through a parser.

local data = {}
local counters = { 0, 0, 0, 0 }
local tables, figures = 0, 0
local han = { "一", "二", "三", "四", "五", "六", "七", "八", "九", "十" }

-- A Typst string literal.
local function literal(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

-- Plain text as inlines. Typst gets a string literal: in its markup "1. " or "..." would be read.
local function plain(text)
  if FORMAT == "typst" then
    return pandoc.Inlines({ pandoc.RawInline("typst", "#" .. literal(text) .. ";") })
  end
  return pandoc.Inlines(text)
end

local function numeral(n)
  if n <= 10 then return han[n] end
  local tens = n >= 20 and han[n // 10] or ""
  return tens .. "十" .. (n % 10 > 0 and han[n % 10] or "")
end

-- 一、（一）1．（1） in Chinese; 1, 1.1, 1.1.1 in English.
local function number(level)
  counters[level] = counters[level] + 1
  for i = level + 1, 4 do counters[i] = 0 end
  local n = counters[level]
  if data.lang ~= "zh" then
    return table.concat(counters, ".", 1, level) .. (level == 1 and ". " or " ")
  end
  return ({ numeral(n) .. "、", "（" .. numeral(n) .. "）", n .. "．", "（" .. n .. "）" })[level]
end

local function generated(text)
  return pandoc.Span(plain(text), pandoc.Attr("", { "n" }))
end

local function cited(n, id)
  local cite = data.cites[tonumber(n)]
  local attr = pandoc.Attr(id or "", { "v" }, { ["data-n"] = tostring(n) })
  if cite.to ~= "" then return pandoc.Link(plain(cite.text), "#" .. cite.to, "", attr) end
  return pandoc.Span(plain(cite.text), attr)
end

local function read_data(meta)
  local file = assert(io.open(pandoc.utils.stringify(meta["memo-data"]), "r"))
  data = pandoc.json.decode(file:read("a"))
  file:close()
  meta["memo-data"] = nil
  for key, n in pairs(data.about) do
    local text = data.cites[n].text
    if text ~= "" then meta[key] = pandoc.MetaInlines({ cited(n) }) end
    meta["plain-" .. key] = pandoc.MetaInlines({ pandoc.Str(text) })
    meta["typst-" .. key] = pandoc.MetaInlines({ pandoc.RawInline("typst", literal(text)) })
  end
  return meta
end

local function header(el)
  if el.classes:includes("unnumbered") or el.level > 4 then return el end
  el.content:insert(1, generated(number(el.level)))
  return el
end

local function caption(key, n, text)
  return { generated((data.words[key]:gsub("{n}", n)) .. text) }
end

local function make_table(el)
  local made = data.tables[el.attributes.n]
  local specs, head, body = {}, {}, {}
  for i, title in ipairs(made.titles) do
    local align = made.align[i] == "right" and pandoc.AlignRight or pandoc.AlignLeft
    specs[i] = { align, made.widths[i] > 0 and made.widths[i] or nil }
    head[i] = pandoc.Cell({ pandoc.Plain({ generated(title) }) })
    head[i].attributes["scope"] = "col"
  end
  for i, row in ipairs(made.rows) do
    local cells = {}
    for j, cell in ipairs(row) do
      local content = cited(cell.n)
      if cell.id then content = pandoc.Span({ content }, pandoc.Attr(cell.id)) end
      cells[j] = pandoc.Cell({ pandoc.Plain({ content }) })
    end
    body[i] = pandoc.Row(cells)
  end
  tables = tables + 1
  local long = { pandoc.Plain(caption("table_n", tables, made.caption)) }
  local bodies = { { attr = pandoc.Attr(), body = body, head = {}, row_head_columns = 1 } }
  local built = pandoc.Table(
    { long = long, short = nil }, specs, pandoc.TableHead({ pandoc.Row(head) }), bodies, pandoc.TableFoot({})
  )
  if FORMAT:match("html") then
    local attr = { { "role", "region" }, { "tabindex", "0" }, { "aria-label", made.caption } }
    return pandoc.Div({ built }, pandoc.Attr("", { "wide" }, attr))
  end
  if FORMAT == "typst" and #made.rows <= 16 then
    return { pandoc.RawBlock("typst", "#block(breakable: false)["), built, pandoc.RawBlock("typst", "]") }
  end
  return built
end

local function make_figure(el)
  local chart = data.charts[el.attributes.n]
  figures = figures + 1
  if FORMAT == "typst" then -- pandoc's own figure has no alternative text
    local words = data.words["figure_n"]:gsub("{n}", figures) .. chart.caption
    local image = ("image(%s, width: 100%%, alt: %s)"):format(literal(chart.svg), literal(chart.alt))
    return pandoc.RawBlock("typst", ("#figure(%s, kind: image, caption: %s)"):format(image, literal(words)))
  end
  local file = FORMAT == "docx" and chart.png or chart.svg
  local image = pandoc.Image(pandoc.Inlines(chart.alt), file, "", pandoc.Attr("", {}, { width = "100%" }))
  return pandoc.Figure(
    { pandoc.Plain({ image }) }, { long = { pandoc.Plain(caption("figure_n", figures, chart.caption)) } }
  )
end

-- Item numbers are written out, so that they are words in every format.
local function ordered(el)
  local blocks = {}
  for i, item in ipairs(el.content) do
    if item[1] and item[1].content then
      item[1] = pandoc.Para(item[1].content)
      item[1].content:insert(1, generated(i + el.start - 1 .. (data.lang == "zh" and "．" or ". ")))
    end
    for _, block in ipairs(item) do table.insert(blocks, block) end
  end
  return blocks
end

-- A table that the prose itself holds: header cells say so, the caption is numbered in its turn.
local function prose_table(el)
  for _, row in ipairs(el.head.rows) do
    for _, cell in ipairs(row.cells) do cell.attributes["scope"] = "col" end
  end
  for _, body in ipairs(el.bodies) do
    body.row_head_columns = 1
  end
  if #el.caption.long > 0 then
    tables = tables + 1
    el.caption.long[1].content:insert(1, generated((data.words["table_n"]:gsub("{n}", tables))))
  end
  return el
end

-- A footnote would be numbered by each format in its own way: it becomes a remark in brackets.
local function note(el)
  local open, close = table.unpack(data.lang == "zh" and { "（", "）" } or { " (", ")" })
  local inner = pandoc.utils.blocks_to_inlines(el.content)
  return { pandoc.Str(open), pandoc.Span(inner), pandoc.Str(close) }
end

return {
  { Meta = read_data },
  {
    traverse = "topdown",
    Header = header,
    OrderedList = ordered,
    Note = note,
    Table = function(el) return prose_table(el) end,
    Div = function(el)
      if el.classes:includes("table") then return make_table(el), false end
      if el.classes:includes("chart") then return make_figure(el), false end
    end,
  },
  {
    -- The title is the page's only first heading.
    Header = function(el)
      if FORMAT:match("html") then el.level = el.level + 1 end
      return el
    end,
    Span = function(el) if el.classes:includes("v") and el.attributes.n then return cited(el.attributes.n) end end,
  },
}
