import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { certificateA, certificateB, type TestCertificate } from '#test/support/certificate';
import { deploymentOf, openPlane, sendRaw } from '#test/support/data-plane';

const openEcho = async (options: Parameters<typeof openPlane>[1] = {}) => {
  const under = await openPlane([], options);
  under.deploy(deploymentOf());
  return under;
};
const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);
const problemOf = (text: string) => JSON.parse(bodyOf(text)) as { status: number; code: string; requestId: string };
const statusesOf = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status ?? '');
const get = 'GET /orders/ HTTP/1.1\r\nHost: x\r\n';

describe('what is no proper request is answered with a problem document and a request id', () => {
  const bad: readonly (readonly [what: string, bytes: string, status: number, code: string])[] = [
    ['no HTTP', 'HELLO\r\n\r\n', 400, 'request_invalid'],
    ['a field without a colon', `${get}nonsense\r\n\r\n`, 400, 'request_invalid'],
    ['a space before the colon', `${get}Accept : x\r\n\r\n`, 400, 'request_invalid'],
    ['a folded field', `${get}Accept: a\r\n b\r\n\r\n`, 400, 'request_invalid'],
    ['a control byte in a field', `${get}Accept: a\u0001b\r\n\r\n`, 400, 'request_invalid'],
    ['no Host', 'GET /orders/ HTTP/1.1\r\n\r\n', 400, 'request_invalid'],
    ['two Hosts', `${get}Host: y\r\n\r\n`, 400, 'request_invalid'],
    ['two Authorizations', `${get}Authorization: a\r\nauthorization: b\r\n\r\n`, 400, 'request_invalid'],
    [
      'two lengths',
      `POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na`,
      400,
      'request_invalid',
    ],
    [
      'length and chunked',
      `POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'request_invalid',
    ],
    [
      'another transfer coding',
      `POST /orders/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      400,
      'request_invalid',
    ],
    ['a head that is too large', `${get}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'header_too_large'],
    ['too many fields', `${get}${'a:b\r\n'.repeat(250)}\r\n`, 431, 'header_too_large'],
    ['CONNECT', 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'request_invalid'],
    ['asterisk form', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'request_invalid'],
    ['another host in absolute form', 'GET http://y/orders/ HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'request_invalid'],
    ['a user in absolute form', 'GET http://a@x/orders/ HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'request_invalid'],
    ['an upgrade', `${get}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, 501, 'upgrade_refused'],
    ['an unknown expectation', `${get}Expect: miracles\r\n\r\n`, 400, 'request_invalid'],
    ['TRACE', 'TRACE /orders/ HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'method_not_allowed'],
  ];
  for (const [what, bytes, status, code] of bad)
    test(what, async () => {
      await using under = await openEcho();
      const text = await sendRaw(under.port, bytes, 150);
      const problem = problemOf(text);
      assert.deepEqual([statusesOf(text)[0], problem.status, problem.code], [String(status), status, code]);
      assert.match(problem.requestId, /^req_/);
      assert.match(text, new RegExp(`X-Request-Id: ${problem.requestId}`));
      assert.doesNotMatch(text, /\bat .*\.ts|node:/);
      assert.equal((await under.record(problem.requestId)).code, code);
    });

  test('absolute form with the same host is taken, and h2c is passed over', async () => {
    await using under = await openEcho();
    assert.deepEqual(
      statusesOf(
        await sendRaw(under.port, 'GET http://X:80/orders/1?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      ),
      ['200'],
    );
    const offered = await sendRaw(
      under.port,
      `${get}Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n`,
    );
    assert.deepEqual(statusesOf(offered), ['200']);
    assert.doesNotMatch(offered, /http2-settings|h2c/);
  });

  test('HTTP/1.0 is served and closed', async () => {
    await using under = await openEcho();
    const text = await sendRaw(under.port, 'GET /orders/ HTTP/1.0\r\n\r\n');
    assert.match(text, /^HTTP\/1.1 200/);
    assert.match(text, /Connection: close/);
  });
});

describe('connections', () => {
  test('carry calls one after the other, pipelined ones in order', async () => {
    await using under = await openEcho();
    const text = await sendRaw(
      under.port,
      `${get}\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n${get}Connection: close\r\n\r\n`,
    );
    assert.deepEqual(statusesOf(text), ['200', '404', '200']);
  });

  test('are closed after an invalid request: what follows is not read', async () => {
    await using under = await openEcho();
    const text = await sendRaw(under.port, `${get}Host: y\r\n\r\n${get}\r\n`);
    assert.deepEqual(statusesOf(text), ['400']);
  });

  test('go on after a refused call whose body was not wanted', async () => {
    await using under = await openEcho();
    const body = 'x'.repeat(300_000);
    const text = await sendRaw(
      under.port,
      `POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}${get}Connection: close\r\n\r\n`,
    );
    assert.deepEqual(statusesOf(text), ['404', '200']);
  });

  test('are limited for each address', async () => {
    await using under = await openEcho({ connectionsPerAddress: 2 });
    const open = await Promise.all([1, 2].map(async () => once(connect(under.port, '127.0.0.1'), 'connect')));
    assert.equal(open.length, 2);
    const third = connect(under.port, '127.0.0.1');
    third.on('error', () => {});
    await once(third, 'close');
  });
});

describe('bodies', () => {
  test('100 Continue is said only when somebody wants the body', async () => {
    await using upstream = createServer((request, response) => request.pipe(response));
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    await using under = await openPlane();
    under.deploy(deploymentOf({ urls: [`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`] }));
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
    const socket = connect(under.port, '127.0.0.1');
    socket.setEncoding('latin1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      if (text === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('hello');
    });
    socket.write(head('/orders/'));
    await once(socket, 'close');
    assert.deepEqual(statusesOf(text), ['100', '200']);
    assert.match(text, /hello/);
    assert.deepEqual(statusesOf(await sendRaw(under.port, head('/nowhere'))), ['404']);
    upstream.closeAllConnections();
  });

  test('that are too large are 413, said in advance or not', async () => {
    await using upstream = createServer((request, response) => {
      request.resume();
      request.on('end', () => response.end());
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    await using under = await openPlane([], { bodyLimitBytes: 100_000 });
    under.deploy(deploymentOf({ urls: [`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`] }));
    const said = await fetch(`http://127.0.0.1:${under.port}/orders`, { method: 'POST', body: 'x'.repeat(100_001) });
    assert.equal(said.status, 413);
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const text = await sendRaw(
      under.port,
      `POST /orders/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
    );
    assert.equal(problemOf(text).code, 'body_too_large');
    const fits = await sendRaw(
      under.port,
      `POST /orders/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`,
    );
    assert.deepEqual(statusesOf(fits), ['200']);
    upstream.closeAllConnections();
  });

  test('that are malformed or cut off are no 500', async () => {
    await using under = await openEcho();
    const text = await sendRaw(
      under.port,
      'POST /orders/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    );
    assert.equal(problemOf(text).code, 'body_invalid');
    const socket = connect(under.port, '127.0.0.1');
    socket.write('POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    while (under.plane.sizes().exchanges > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(under.plane.sizes().heldBodyBytes, 0);
  });

  test('and heads that do not come in time are 408', async () => {
    await using under = await openEcho({ headTimeoutMs: 300, bodyTimeoutMs: 600 });
    assert.equal(problemOf(await sendRaw(under.port, 'GET /orders/ HTTP/1.1\r\nHost', 1500)).code, 'request_timeout');
    const body = await sendRaw(under.port, 'POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc', 2000);
    assert.equal(problemOf(body).code, 'request_timeout');
    assert.match(body, /Connection: close/);
  });
});

describe('TLS', () => {
  const writeCertificate = (directory: string, file: string, { cert, key }: TestCertificate) => {
    const files = { certFile: join(directory, `${file}.crt`), keyFile: join(directory, `${file}.key`) };
    writeFileSync(files.keyFile, key);
    writeFileSync(files.certFile, cert);
    return files;
  };
  const nameShown = async (port: number, servername: string): Promise<string> => {
    const socket = connectTls({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  };

  test('certificates are chosen by the name that is asked for, and read again when they change', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gatewright-tls-'));
    try {
      const files = writeCertificate(directory, 'default', certificateA);
      const certificates = [writeCertificate(directory, 'further', certificateB)];
      await using under = await openEcho({ ...files, certificates });
      assert.equal(await nameShown(under.port, certificateB.name), certificateB.name);
      assert.equal(await nameShown(under.port, 'else.example'), certificateA.name);
      writeCertificate(directory, 'default', certificateB);
      let shown = '';
      for (let i = 0; i < 60 && shown !== certificateB.name; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        shown = await nameShown(under.port, 'else.example');
      }
      assert.equal(shown, certificateB.name);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
