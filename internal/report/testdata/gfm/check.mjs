// Reads [{name, markdown}] on standard input, renders each text as GitHub does
// (CommonMark with GFM's extensions, HTML taken as it is: stricter than GitHub,
// which takes unwanted tags away afterwards), lets Chromium read the result, and
// writes for each what is in it: [{name, bad: [...], elements: [...], text}].
//
//   node check.mjs CHROMIUM [FOLDER FOR SCREENSHOTS] < cases.json > results.json
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { micromark } from 'micromark'
import { gfmAutolinkLiteral, gfmAutolinkLiteralHtml } from 'micromark-extension-gfm-autolink-literal'
import { gfmFootnote, gfmFootnoteHtml } from 'micromark-extension-gfm-footnote'
import { gfmStrikethrough, gfmStrikethroughHtml } from 'micromark-extension-gfm-strikethrough'
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table'
import { gfmTaskListItem, gfmTaskListItemHtml } from 'micromark-extension-gfm-task-list-item'

const [browserPath, shots] = process.argv.slice(2)

const render = (markdown) => micromark(markdown, {
  allowDangerousHtml: true,
  allowDangerousProtocol: true,
  extensions: [gfmAutolinkLiteral(), gfmFootnote(), gfmStrikethrough(), gfmTable(), gfmTaskListItem()],
  htmlExtensions: [gfmAutolinkLiteralHtml(), gfmFootnoteHtml(), gfmStrikethroughHtml(), gfmTableHtml(), gfmTaskListItemHtml()]
})

// look runs in the browser.
const look = (pages) => pages.map(({ name, html }) => {
  const ours = new Set(['H3', 'H4', 'P', 'STRONG', 'CODE', 'PRE', 'BLOCKQUOTE', 'UL', 'LI', 'TABLE', 'THEAD', 'TBODY', 'TR', 'TH', 'TD', 'BR', 'DETAILS', 'SUMMARY', 'SUB'])
  // What GitHub looks for in each text outside of code.
  const links = {
    mention: /(^|[^\w`])@[a-z0-9]/i,
    reference: /(^|[^\w&])#\d|\bGH-\d/i,
    emoji: /:(?:[\w+-]*[a-z+-][\w+-]*|100|1234):/i,
    commit: /(^|[^\w])[0-9a-f]{7,40}($|[^\w])/,
    address: /https?:\/\/|www\.|[\w.+-]@[\w-]/i,
    math: /\$[^\s$][^$]*\$/
  }
  const doc = new DOMParser().parseFromString(html, 'text/html')
  const bad = [], elements = []
  for (const el of doc.querySelectorAll('*')) {
    if (['HTML', 'HEAD', 'BODY'].includes(el.tagName) && el.attributes.length === 0) continue
    elements.push(el.tagName.toLowerCase())
    if (!ours.has(el.tagName)) bad.push('element ' + el.outerHTML.slice(0, 200))
    for (const a of el.attributes) {
      if (!(el.tagName === 'CODE' && a.name === 'class' && a.value === 'language-diff')) bad.push(`attribute ${a.name}=${a.value}`)
    }
    if (el.tagName === 'BLOCKQUOTE') {
      const kind = /^\s*\[!(\w+)\]\s*\n/.exec(el.textContent)
      elements.push(kind ? 'alert-' + kind[1].toLowerCase() : 'quote')
    }
  }
  let comments = 0
  for (const walk = doc.createTreeWalker(doc, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_COMMENT); walk.nextNode();) {
    const node = walk.currentNode
    if (node.nodeType === Node.COMMENT_NODE) {
      const marker = comments++ === 0 && /^ hadeploy plan: [A-Za-z0-9._-]+ $/.test(node.data)
      if (!marker && node.data.trim() !== '') bad.push('comment ' + node.data.slice(0, 200))
    } else if (!node.parentElement.closest('code, pre')) {
      for (const [what, sign] of Object.entries(links)) {
        if (sign.test(node.data)) bad.push(`${what} in ${JSON.stringify(node.data.slice(0, 200))}`)
      }
    }
  }
  const text = doc.documentElement.textContent
  const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.exec(text)
  if (unseen) bad.push('character U+' + unseen[0].codePointAt(0).toString(16))
  return { name, bad, elements, text }
})

const cases = JSON.parse(readFileSync(0, 'utf8')).map(({ name, markdown, whole }) => ({ name, whole, html: render(markdown) }))
const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  const page = await browser.newPage({ viewport: { width: 860, height: 800 } })
  const done = []
  for (let i = 0; i < cases.length; i += 200) done.push(...await page.evaluate(look, cases.slice(i, i + 200).map(({ name, html }) => ({ name, html }))))
  // Some are opened as a page too: nothing runs, and nothing is fetched.
  for (const [i, c] of cases.entries()) {
    if (!c.whole) continue
    const watch = (what) => done[i].bad.push('the page does something: ' + (what.url?.() ?? what.message()))
    page.on('request', watch).on('dialog', watch)
    await page.setContent(`<!doctype html><meta charset="utf-8"><style>${style()}</style><body>${c.html}`)
    page.off('request', watch).off('dialog', watch)
    if (shots) await page.screenshot({ path: join(shots, c.name + '.png'), fullPage: true })
  }
  console.log(JSON.stringify(done))
} finally {
  await browser.close()
}

// style is about what GitHub's looks like.
function style () {
  return `body { font: 14px/1.5 sans-serif; margin: 24px; color: #1f2328 }
    code { font: 12px monospace; background: #eff1f3; padding: .2em .4em; border-radius: 6px; white-space: break-spaces }
    pre { background: #f6f8fa; padding: 16px; overflow: auto } pre code { background: none; padding: 0; white-space: pre }
    table { display: block; width: max-content; max-width: 100%; overflow: auto; border-collapse: collapse }
    td, th { border: 1px solid #d1d9e0; padding: 6px 13px } tr:nth-child(2n) { background: #f6f8fa }
    blockquote { border-left: 4px solid #cf222e; margin: 0 0 16px; padding: 8px 16px } h3 { font-size: 1.25em } h4 { font-size: 1em }`
}
