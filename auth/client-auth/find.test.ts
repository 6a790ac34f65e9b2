import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '#core/errors';
import { schema } from '#policies/oauth-token-endpoint/schema';
import { createMessage } from '#test/support/message';
import { basic } from '#test/support/oauth';
import { parseForm } from '../form.ts';
import { CLIENT_ASSERTION_TYPE } from './assertion-parameters.ts';
import { findPresentedClient } from './find.ts';

const jwtOf = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.AA`;
const ASSERTION = jwtOf({ sub: 'gwk_A' });
const assertionForm = (assertion: string, more = '') =>
  `client_assertion_type=${encodeURIComponent(CLIENT_ASSERTION_TYPE)}&client_assertion=${assertion}${more}`;

function find(
  given: { readonly form?: string; readonly query?: string; readonly header?: readonly [string, string] },
  settings = {},
) {
  const message = createMessage({ headers: given.header === undefined ? [] : [given.header] });
  const form = parseForm(given.form ?? '', 'body');
  const request = { message, form, query: parseForm(given.query ?? '', 'query') };
  try {
    return findPresentedClient(request, schema.parse(settings));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `${error.code} ${error.facts.problem ?? error.facts.cause}`;
  }
}

test('what a request presents: a secret, an assertion, or a name', () => {
  assert.deepEqual(find({ header: basic('gwk_A', 's') }), {
    ...{ by: 'secret', consumerKey: 'gwk_A', secret: 's', place: 'header' },
  });
  assert.deepEqual(find({ form: 'client_id=gwk_A&client_secret=s' }), {
    ...{ by: 'secret', consumerKey: 'gwk_A', secret: 's', place: 'body' },
  });
  assert.deepEqual(find({ form: assertionForm(ASSERTION) }), {
    ...{ by: 'assertion', consumerKey: 'gwk_A', assertion: ASSERTION },
  });
  assert.deepEqual(find({ form: 'client_id=gwk_A' }), { by: 'name', consumerKey: 'gwk_A', place: 'body' });
});

test('a name is read from the body whatever the policy says of secrets', () => {
  const headerOnly = { clientCredentialsIn: { body: false } };
  assert.deepEqual(find({ form: 'client_id=gwk_A' }, headerOnly), {
    ...{ by: 'name', consumerKey: 'gwk_A', place: 'body' },
  });
  assert.equal(
    find({ form: 'client_id=gwk_A&client_secret=s' }, headerOnly),
    'oauth_invalid_client method_not_allowed',
  );
});

test('RFC 6749 §2.3, RFC 7521 §4.2: two methods, or two clients, are refused', () => {
  const header = basic('gwk_A', 's');
  assert.equal(find({ header, form: assertionForm(ASSERTION) }), 'oauth_request two_methods');
  assert.equal(
    find({ form: assertionForm(ASSERTION, '&client_id=gwk_A&client_secret=s') }),
    'oauth_request two_methods',
  );
  assert.equal(find({ form: assertionForm(ASSERTION, '&client_id=gwk_B') }), 'oauth_request other_client');
  assert.equal(find({ header, form: 'client_id=gwk_B' }), 'oauth_request two_methods');
  const same = find({ form: assertionForm(ASSERTION, '&client_id=gwk_A') });
  assert.equal(typeof same === 'string' ? same : same.by, 'assertion');
});

test('assertions that are none, in part, of another kind, or in the query are refused', () => {
  for (const [form, expected] of [
    [assertionForm('x'), 'oauth_invalid_client malformed'],
    [assertionForm('x.y.z'), 'oauth_invalid_client malformed'],
    [assertionForm(`${ASSERTION}.more`), 'oauth_invalid_client malformed'],
    [assertionForm(jwtOf({ sub: 7 })), 'oauth_invalid_client malformed'],
    [assertionForm(jwtOf(null)), 'oauth_invalid_client malformed'],
    [assertionForm(jwtOf({ sub: 'x'.repeat(9000) })), 'oauth_invalid_client malformed'],
    [`client_assertion=${ASSERTION}`, 'oauth_request missing'],
    [`client_assertion_type=${CLIENT_ASSERTION_TYPE}`, 'oauth_request missing'],
    [`client_assertion_type=saml&client_assertion=${ASSERTION}`, 'oauth_request malformed'],
  ] as const)
    assert.equal(find({ form }), expected);
  assert.equal(find({ query: assertionForm(ASSERTION) }), 'oauth_invalid_client credentials_missing');
});
