import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { REASONS } from './reasons/catalogue.ts';
import type { Reason } from './reasons/reason.ts';
import { commandLine, shellWord } from './shell-word.ts';

/** What a shell takes a line for: the words after the program's name. */
function wordsOf(line: string): string[] {
  const program = 'gatewright() { printf "%s\\0" "$@"; }';
  return execFileSync('/bin/sh', ['-c', `${program}\n${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

test('a plain word stays as it is, any other text is one word of a shell', () => {
  for (const word of ['orders-api', 'v3', 'a/b', 'x=1', 'orders:read', 'a@b.example'])
    assert.equal(shellWord(word), word);
  const words = [
    '',
    ' ',
    "it's",
    '$(id)',
    '`id`',
    ';id',
    '|id',
    '>x',
    '"',
    '\\',
    '*',
    '~',
    '!x',
    '#x',
    '\n',
    '&',
    "';id;'",
  ];
  assert.deepEqual(wordsOf(`gatewright ${words.map(shellWord).join(' ')}`), words);
  assert.deepEqual(wordsOf(commandLine`gatewright set ${'a b'}/${'$x'} scopes=${"c'd"}`), [
    'set',
    'a b/$x',
    "scopes=c'd",
  ]);
});

test('no fix of a refusal has an operator run what a caller sent', () => {
  const evil = "$(echo ran);`echo ran`'|echo ran\n";
  const facts = new Proxy({}, { get: () => evil });
  const names = { method: evil, path: evil, serverGroup: evil, project: evil, projectTitle: evil, policy: evil };
  const reasons: readonly Reason[] = Object.values(REASONS);
  const lines = reasons.flatMap(({ fixes }) => fixes({ facts, ...names }).map(({ command }) => command ?? ''));
  const hostile = lines.filter((line) => line.includes('echo'));
  assert.ok(hostile.length > 10);
  for (const line of hostile)
    assert.ok(
      wordsOf(line).some((word) => word.includes(evil)),
      line,
    );
});
