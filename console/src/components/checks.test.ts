import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayNameSchema, nameSchema } from '#core/model/name';
import { contextPathSchema } from '#core/model/project';
import { patchServerGroup } from '#core/model/server-group';
import { targetUrlSchema } from '#core/model/target';
import { checkContextPath, checkDisplayName, checkName, checkOrigin, checkTargetUrl } from './checks.ts';

const SAMPLES = [
  '',
  '/',
  '/orders',
  '/orders/',
  '/orders//v1',
  'orders',
  '/a/../b',
  '/.well-known',
  '/.well-known/x',
  '/ä',
  `/${'a'.repeat(255)}`,
  `/${'a'.repeat(256)}`,
  'Orders API',
  '-orders',
  'orders-api',
  'Orders!',
  'a'.repeat(64),
  'a'.repeat(65),
  'echo:',
  'http://127.0.0.1:8080',
  'https://user:word@example.com',
  'https://example.com/path',
  'https://example.com/path?x=1',
  'https://example.com/#x',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a selector, as people type it
  'https://${variables.host}/x',
  'https://api.example.com',
  'ftp://example.com',
] as const;

const CHECKS = [
  { name: 'a display name', check: checkDisplayName, schema: displayNameSchema },
  { name: 'a context path', check: checkContextPath, schema: contextPathSchema },
  { name: 'a target URL', check: checkTargetUrl, schema: targetUrlSchema },
  { name: 'a name', check: checkName, schema: nameSchema },
  { name: 'an origin', check: checkOrigin, schema: patchServerGroup.shape.publicUrl.unwrap() },
];

for (const { name, check, schema } of CHECKS)
  test(`the console and the API agree about what ${name} is`, () => {
    const wrong = SAMPLES.filter((sample) => (check(sample) === null) !== schema.safeParse(sample).success);
    assert.deepEqual(wrong, []);
  });
