import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { Refusal } from '#core/errors';
import { HeaderList } from '#core/headers';
import { REASONS, type ReasonCode } from '#core/reasons/catalogue';
import { renderRefusal } from './refusal.ts';
import { renderFault, soapVersionOf } from './soap-fault.ts';

const place = {
  requestId: 'req_1',
  verbose: false,
  tokenEndpoint: false,
  context: {
    method: 'POST',
    path: '/orders',
    serverGroup: 'local',
    project: 'orders',
    projectTitle: 'Orders',
    policy: '',
  },
};

/** Texts by the local name of their element. */
function parse(xml: string): Map<string, string> {
  const texts = new Map<string, string>();
  const open: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ local }) => void open.push(local));
  parser.on('closetag', () => void open.pop());
  parser.on('text', (text) => void texts.set(open.at(-1) ?? '', text));
  parser.write(xml).close();
  return texts;
}

test('every refusal is a fault with the status, code and challenge that others get', () => {
  for (const version of ['1.1', '1.2'] as const) {
    for (const code of Object.keys(REASONS) as ReasonCode[]) {
      const refusal = new Refusal(code, {}, { challenge: { realm: 'Orders' } });
      const problem = renderRefusal(refusal, place);
      const fault = renderRefusal(refusal, { ...place, soap: version });
      assert.equal(fault.status, problem.status);
      assert.equal(fault.headers.get('www-authenticate'), problem.headers.get('www-authenticate'));
      assert.equal(fault.headers.get('retry-after'), problem.headers.get('retry-after'));
      const texts = parse(String(fault.body));
      const { code: publicCode, title } = JSON.parse(String(problem.body));
      assert.deepEqual([texts.get('code'), texts.get('requestId')], [publicCode, 'req_1']);
      assert.equal(texts.get(version === '1.1' ? 'faultstring' : 'Text'), title);
      const side = version === '1.1' ? ['Client', 'Server'] : ['Sender', 'Receiver'];
      assert.equal(
        texts.get(version === '1.1' ? 'faultcode' : 'Value')?.split(':')[1],
        version === '1.2' ? publicCode : side[problem.status >= 500 ? 1 : 0],
      );
    }
  }
});

test('whatever stands in a fault, it is well-formed XML that says just that', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('1.1' as const, '1.2' as const), (detail, version) => {
      const { body } = renderFault(version, { status: 400, code: 'x', title: 't', detail, requestId: 'r' });
      const texts = parse(body);
      assert.equal(texts.has('script'), false);
      assert.equal(texts.get('code'), 'x');
    }),
  );
});

test('who speaks SOAP is told by the media type, and in a WSDL project everybody does', () => {
  const versionOf = (fields: Record<string, string>, isSoapProject = false) =>
    soapVersionOf(HeaderList.of(fields), isSoapProject);
  assert.equal(versionOf({ 'Content-Type': 'application/soap+xml; charset=utf-8; action="x"' }), '1.2');
  assert.equal(versionOf({ 'Content-Type': 'Text/XML; charset=utf-8', SOAPAction: '""' }), '1.1');
  assert.equal(
    versionOf({ 'Content-Type': 'multipart/related; type="application/xop+xml"; start-info="application/soap+xml"' }),
    '1.2',
  );
  assert.equal(versionOf({ 'Content-Type': 'text/xml' }), undefined);
  assert.equal(versionOf({ 'Content-Type': 'application/json' }), undefined);
  assert.equal(versionOf({ 'Content-Type': 'application/json' }, true), '1.1');
  assert.equal(versionOf({}, true), '1.1');
  assert.equal(versionOf({}), undefined);
});
