/** Two hundred people sign in at once while calls are proxied: passwords are hashed, names looked up and files read without standing in each other's way. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { type AuthorizationServer, createAuthorizationServer, REDIRECT_URI } from '../support/authorization-server.ts';
import { deployAndWait } from '../support/quickstart.ts';
import { openOwnerBrowser, type Page } from '../support/resource-owner.ts';
import { type System, startSystem } from '../support/system.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const SIGN_INS = 200;
/** So that no name is tried so often that it is slowed down. */
const OWNERS = 50;
/** The rest of the load: calls of a steady client, one every so many ms. */
const CALL_EVERY_MS = 10;

let system: System;
let server: AuthorizationServer;
let upstream: Upstream;
before(async () => {
  upstream = await startUpstream();
  system = await startSystem();
  server = await createAuthorizationServer(system, { authorization: { failedSignInLimit: 1000 } });
  // By its name, so that DNS is in the way of each new connection.
  const targetUrl = `http://localhost:${upstream.port}`;
  await system.must('POST', '/projects', { displayName: 'Plain', kind: 'http', contextPath: '/plain', targetUrl });
  await deployAndWait(system, 'plain');
  for (let i = 0; i < OWNERS; i += 1)
    await system.must('POST', '/resource-owners', { name: nameOf(i), password: server.owner.password });
});
after(async () => {
  await system?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
});

const nameOf = (i: number) => `owner-${i % OWNERS}`;

/** Calls the API steadily until `isOver`; the milliseconds of each call that succeeded, and what else came. */
async function callUntil(isOver: () => boolean) {
  const [times, failures]: [number[], string[]] = [[], []];
  const calls: Promise<void>[] = [];
  while (!isOver()) {
    const begun = performance.now();
    // A connection of its own each time, for the gateway to look after.
    const call = request(`${system.gateway}/plain/x`, { headers: { connection: 'close' } })
      .then(async ({ statusCode, body }) => {
        const text = await body.text();
        if (statusCode === 200) times.push(performance.now() - begun);
        else failures.push(`${statusCode} ${text.slice(0, 200)}`);
      })
      .catch((error: unknown) => void failures.push(String(error)));
    calls.push(call);
    await sleep(CALL_EVERY_MS);
  }
  await Promise.all(calls);
  return { times: times.sort((a, b) => a - b), failures };
}

const quantile = (sorted: readonly number[], q: number) => sorted[Math.floor((sorted.length - 1) * q)] ?? 0;

test('200 sign-ins at once: each is answered or told to come back, and no proxied call fails', async (t) => {
  const url = `${server.authorizationEndpoint}?${new URLSearchParams({
    ...{ response_type: 'code', client_id: server.client.id, redirect_uri: REDIRECT_URI, state: 's' },
  })}`;
  const browsers = Array.from({ length: SIGN_INS }, () => openOwnerBrowser());
  const pages: Page[] = [];
  for (const browser of browsers) pages.push(await browser.open(url));
  const calm = await callUntil(
    (
      (end) => () =>
        performance.now() > end
    )(performance.now() + 2000),
  );
  assert.deepEqual(calm.failures, []);

  const { password } = server.owner;
  let signedIn: Awaited<ReturnType<(typeof browsers)[number]['submit']>>[] | undefined;
  const signingIn = Promise.all(
    browsers.map((browser, i) => browser.submit(pages[i] as Page, { username: nameOf(i), password })),
  ).then((answers) => {
    signedIn = answers;
  });
  const busy = await callUntil(() => signedIn !== undefined);
  await signingIn;

  const answers = signedIn ?? [];
  const isIn = ({ text }: { text: string }) => text.includes('value="allow"');
  const later = answers.filter((answer) => !isIn(answer));
  for (const { status, headers, text } of later) {
    assert.ok(status === 503 || status === 429, `${status} ${text.slice(0, 300)}`);
    assert.match(headers.get('retry-after') ?? '', /^\d+$/, `${status} ${text.slice(-900)}`);
  }
  const came = answers.length - later.length;
  assert.ok(came >= 20, `only ${came} of ${SIGN_INS} signed in`);
  assert.deepEqual(busy.failures, []);
  const words = (one: typeof calm) =>
    `${one.times.length} calls, p50 ${quantile(one.times, 0.5).toFixed(1)} ms, p99 ${quantile(one.times, 0.99).toFixed(1)} ms`;
  t.diagnostic(
    `${came} signed in, ${later.length} told to come back; before: ${words(calm)}; meanwhile: ${words(busy)}`,
  );

  // Who was told to come back gets in later.
  const [told] = answers.flatMap((answer, i) => (isIn(answer) ? [] : [i]));
  if (told === undefined) return;
  const browser = openOwnerBrowser();
  assert.equal((await browser.authorize(url, server.owner)).searchParams.get('state'), 's');
});
