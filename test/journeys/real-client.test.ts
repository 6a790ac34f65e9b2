import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  clientCredentialsGrant,
  discovery,
  ResponseBodyError,
} from 'openid-client';
import { quickstart } from '../support/quickstart.ts';
import { startSystem } from '../support/system.ts';

// A client library that others wrote finds the token end point by its metadata (RFC 8414) and gets tokens by both ways of authentication.

test('openid-client discovers the issuer, gets a token and reads the errors', async () => {
  await using system = await startSystem();
  const made = await quickstart(system, 'echo:');
  const options = { algorithm: 'oauth2', execute: [allowInsecureRequests] } as const;
  for (const authentication of [ClientSecretBasic, ClientSecretPost]) {
    const issuer = new URL(made.tokenUrl);
    const client = await discovery(issuer, made.consumerKey, undefined, authentication(made.consumerSecret), {
      ...options,
      execute: [...options.execute],
    });
    assert.equal(client.serverMetadata().issuer, made.tokenUrl);
    assert.equal(client.serverMetadata().token_endpoint, made.tokenUrl);
    const answer = await clientCredentialsGrant(client);
    assert.equal(answer.token_type, 'bearer');
    assert.equal(answer.expires_in, 600);
    const call = await fetch(`${made.apiUrl}/1`, { headers: { authorization: `Bearer ${answer.access_token}` } });
    assert.equal(call.status, 200);
    await assert.rejects(clientCredentialsGrant(client, { scope: 'nothing' }), (error: unknown) => {
      assert.ok(error instanceof ResponseBodyError);
      assert.equal(error.error, 'invalid_scope');
      return true;
    });
  }
});
