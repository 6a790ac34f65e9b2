import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site of somebody else on this machine: the same host name, another port, so that browsers send it the same cookies. */
export interface OtherPage extends AsyncDisposable {
  readonly origin: string;
}

/**
 * What its page can do; runs in the browser. `attack(origin, operations)` tries every unsafe operation in every way that a page has,
 * `spy(origin, paths)` tries to read. Both say what they got: nothing, when all is well.
 */
const SCRIPT = `
const settle = (work) => work.then((value) => value, () => undefined);
const encoded = (body) => new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)])).toString();

function submit(url, enctype, body) {
  return new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.name = 'f' + Math.random();
    const form = document.createElement('form');
    Object.assign(form, { method: 'POST', action: url, enctype, target: frame.name });
    const text = JSON.stringify(body);
    const fields = enctype === 'text/plain' ? [[text.slice(0, -1) + (text === '{}' ? '' : ',') + '"x":"', '"}']] : Object.entries(body);
    for (const [name, value] of fields) {
      const input = document.createElement('input');
      Object.assign(input, { type: 'hidden', name, value });
      form.append(input);
    }
    document.body.append(frame, form);
    let loads = 0;
    const done = () => { frame.remove(); form.remove(); resolve(undefined); };
    frame.addEventListener('load', () => { loads += 1; if (frame.contentDocument === null || loads > 1) done(); });
    setTimeout(done, 1500);
    form.submit();
  });
}

window.attack = async (origin, operations) => {
  const read = [];
  const one = async ({ method, path, body }) => {
    const url = origin + path;
    const text = JSON.stringify(body ?? {});
    const wish = { method, credentials: 'include' };
    const note = (how) => (answer) => {
      if (answer !== undefined && answer.type !== 'opaque' && answer.type !== 'opaqueredirect') read.push(how + ' ' + method + ' ' + path);
    };
    const cors = { ...wish, mode: 'cors', body: text };
    await settle(fetch(url, { ...cors, headers: { 'content-type': 'application/json', 'if-match': '*' } }).then(note('json')));
    await settle(fetch(url, { ...cors, headers: { 'content-type': 'application/json', 'x-csrf-token': 'a' } }).then(note('token')));
    await settle(fetch(url, cors).then(note('cors')));
    if (method !== 'POST') return;
    const quiet = { ...wish, mode: 'no-cors' };
    await settle(fetch(url, { ...quiet, body: text }).then(note('no-cors')));
    await settle(fetch(url, { ...quiet, body: new URLSearchParams(encoded(body ?? {})) }).then(note('form')));
    await settle(fetch(url, quiet).then(note('empty')));
    navigator.sendBeacon(url, text);
    navigator.sendBeacon(url, new Blob([text], { type: 'application/json' }));
    for (const enctype of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) await submit(url, enctype, body ?? {});
  };
  const left = [...operations];
  await Promise.all(Array.from({ length: 6 }, async () => { for (let next = left.shift(); next; next = left.shift()) await one(next); }));
  return read;
};

window.spy = async (origin, paths) => {
  const read = [];
  await Promise.all(paths.map(async (path) => {
    const url = origin + path;
    for (const credentials of ['include', 'omit']) {
      await settle(fetch(url, { credentials, signal: AbortSignal.timeout(4000) }).then((answer) => read.push('cors ' + path + ' ' + answer.status)));
      await settle(fetch(url, { credentials, mode: 'no-cors', signal: AbortSignal.timeout(4000) }).then(async (answer) => {
        if (answer.status !== 0 || (await answer.text()) !== '') read.push('no-cors ' + path);
      }));
    }
  }));
  const element = (tag, wish) => new Promise((resolve) => {
    const it = Object.assign(document.createElement(tag), wish);
    it.addEventListener('load', () => resolve('loaded'));
    it.addEventListener('error', () => resolve('error'));
    setTimeout(() => resolve('nothing'), 3000);
    document.body.append(it);
  });
  for (const path of ['/api/v1/session', '/api/v1/management-keys', '/api/v1/openapi.json'])
    if (await element('script', { src: origin + path }) === 'loaded') read.push('script ' + path);
  for (const path of ['/api/v1/requests/export?format=csv', '/favicon.svg'])
    if (await element('img', { src: origin + path }) === 'loaded') read.push('img ' + path);
  for (const address of ['/api/v1/metrics/live', '/api/v1/deployments/none/events']) {
    await new Promise((resolve) => {
      const source = new EventSource(origin + address, { withCredentials: true });
      const done = () => { source.close(); resolve(undefined); };
      source.onopen = () => { read.push('events ' + address); done(); };
      source.onerror = done;
      setTimeout(done, 3000);
    });
    await new Promise((resolve) => {
      const socket = new WebSocket(origin.replace('http', 'ws') + address);
      socket.onopen = () => { read.push('socket ' + address); resolve(undefined); };
      socket.onerror = resolve;
    });
  }
  return read;
};

window.frame = (url) => new Promise((resolve) => {
  const frame = Object.assign(document.createElement('iframe'), { src: url, width: 800, height: 600 });
  frame.addEventListener('load', () => {
    let text;
    try { text = frame.contentDocument?.body?.textContent ?? undefined; } catch { text = undefined; }
    resolve(text);
  });
  document.body.append(frame);
});

window.popUp = async (url) => {
  const opened = window.open(url);
  const seen = [];
  for (let i = 0; i < 15; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    try { if (opened?.document?.body?.textContent && opened.location.href !== 'about:blank') seen.push(opened.document.body.textContent); } catch {}
  }
  const isLinked = opened !== null && !opened.closed;
  opened?.close();
  return { seen, isLinked };
};
`;

/** Starts it on a free port of 127.0.0.1. */
export async function startOtherPage(): Promise<OtherPage> {
  const server = createServer((request, response) => {
    if (request.url === '/attack.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(SCRIPT);
    else
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Somebody else</title><body><script src="/attack.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
