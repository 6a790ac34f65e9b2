import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.join(import.meta.dirname, '..');
const pages = globSync(['*.md', 'docs/**/*.md', '*/README.md'], { cwd: root }).filter(
  (page) => !page.startsWith('node_modules'),
);

/** The anchors of a page's headings, as Markdown viewers make them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#{1,6} +(.*)$/gm)].map(([, words = '']) => words);
  return new Set(
    headings.map((words) =>
      words
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

/** What is wrong with the links of a page. */
function brokenLinks(page: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8').replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : path.join(path.dirname(page), file);
    if (!existsSync(path.join(root, target))) return [`${page}: ${link} is not there`];
    if (anchor === undefined || !target.endsWith('.md')) return [];
    const isThere = anchorsOf(readFileSync(path.join(root, target), 'utf8')).has(anchor);
    return isThere ? [] : [`${page}: ${link} has no such heading`];
  });
}

test('every link of the docs leads to a page and a heading that are there', () => {
  assert.ok(pages.length > 30);
  assert.deepEqual(pages.flatMap(brokenLinks), []);
});

test('every page of the docs is found from the README, in one step or two', () => {
  const linksOf = (page: string) =>
    [...readFileSync(path.join(root, page), 'utf8').matchAll(/\]\(([^()\s#:]+\.md)[^()]*\)/g)].map(([, link = '']) =>
      path.join(path.dirname(page), link),
    );
  const near = linksOf('README.md').filter((page) => existsSync(path.join(root, page)));
  const found = new Set([...near, ...near.flatMap(linksOf)]);
  const lost = globSync('docs/*.md', { cwd: root }).filter((page) => !found.has(page));
  assert.deepEqual(lost, []);
});

/** A command with its words, up to the first argument, and its options: of examples that begin a line or follow a pipe. */
const EXAMPLE = /^(?: {4}|)(?:\$ |[^\n|]* \| )?gatewright ((?:[a-z][a-z-]* ?)+)([^\n|#]*)/gm;
/** They run something here and are not in the reference. */
const HERE = ['start', 'gateway', 'manager', 'backup', 'restore'];

test('the examples of the token stores name commands and options that there are', () => {
  const sections = readFileSync(path.join(root, 'docs/reference-cli.md'), 'utf8').split(/^#{3,4} (?=gatewright )/m);
  const examples = globSync('docs/{token-store*,store-migrate}.md', { cwd: root }).flatMap((page) =>
    [...readFileSync(path.join(root, page), 'utf8').matchAll(EXAMPLE)].map(([example, words = '', rest = '']) => ({
      example: `${page}: ${example.trim()}`,
      words: words.trim().split(' '),
      options: rest.match(/(?<=\s|^)--[a-z-]+/g) ?? [],
    })),
  );
  assert.ok(examples.length >= 5, `${examples.length} examples were found`);
  const wrong = examples.filter(({ words, options }) => {
    if (HERE.includes(words[0] ?? '')) return false;
    const section = sections.find((text) =>
      `${text.split('\n', 1)[0]} `.startsWith(`gatewright ${words.slice(0, 2).join(' ')} `),
    );
    return section === undefined || !options.every((option) => option === '--yes' || section.includes(option));
  });
  assert.deepEqual(wrong, []);
});
