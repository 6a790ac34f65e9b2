import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupVariableContext } from '#core/change-feed';
import { systemRandom as random } from '#core/random';
import { createLetterKey, openLetter, sealLetter } from '#core/sealed-letter';
import { NO_VALUES, openGroupValues, valuesKeyOf } from './group-values.ts';

const region = '\u0024{variables.region}';
const secret = '\u0024{secrets.backend-key}';
const key = createLetterKey();
const open = (letter: string, context: Parameters<typeof openLetter>[1]['context']) =>
  openLetter(letter, { key, context });
const letter = (text: string, name = 'backend-key') =>
  sealLetter(Buffer.from(text), { publicKey: key.publicKey, context: groupVariableContext('grp_1', name), random });

test('variables stand for themselves, secrets for what their letters say', () => {
  const values = openGroupValues(
    { id: 'grp_1', variables: { region: 'eu-1' }, secrets: { 'backend-key': letter('s3cret') } },
    open,
  );
  assert.deepEqual(
    [...values],
    [
      [region, 'eu-1'],
      [secret, 's3cret'],
    ],
  );
  assert.equal(openGroupValues(undefined, open), NO_VALUES);
});

test('a letter that does not open leaves the others as they are', () => {
  const values = openGroupValues(
    { id: 'grp_1', variables: { region: 'eu-1' }, secrets: { 'backend-key': letter('s3cret', 'moved'), broken: 'x' } },
    open,
  );
  assert.deepEqual([...values.keys()], [region]);
});

test('settings have another key when a value that they use changes, and the same when another one does', () => {
  const settings = { body: `${region}/${secret}` };
  const values = new Map([
    [region, 'eu-1'],
    [secret, 'a'],
  ]);
  const before = valuesKeyOf(settings, values);
  assert.equal(valuesKeyOf(settings, new Map([...values, ['\u0024{variables.other}', 'x']])), before);
  assert.notEqual(valuesKeyOf(settings, new Map([...values, [secret, 'b']])), before);
  assert.notEqual(valuesKeyOf(settings, new Map([[region, 'eu-1']])), before);
  assert.equal(valuesKeyOf({ body: 'plain' }, values), '');
});
