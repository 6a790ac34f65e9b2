import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readWsdl } from './read.ts';

const orders = readFileSync(path.join(import.meta.dirname, '../../../test/support/documents/orders.wsdl'), 'utf8');
const problemOf = (text: string) => {
  const [problem] = readWsdl(text, 'orders.wsdl').problems;
  return problem === undefined ? 'none' : `${problem.line}:${problem.column} ${problem.message}`;
};

test('services, ports and operations are read with the version of SOAP that each port speaks', () => {
  const { title, services, problems, description } = readWsdl(orders, 'orders.wsdl');
  assert.deepEqual([title, description, problems], ['Orders', 'Takes orders.', []]);
  const [service] = services;
  assert.deepEqual(
    service?.ports.map(({ name, soap, operations }) => [
      name,
      soap,
      operations.map((one) => `${one.name} ${one.style} ${one.soapAction}`),
    ]),
    [
      ['OrdersSoap', '1.1', ['GetOrder document urn:example:orders/GetOrder']],
      ['OrdersSoap12', '1.2', ['GetOrder rpc urn:example:orders/GetOrder']],
    ],
  );
});

test('a document type is refused, so that there are no entities to grow or to fetch', () => {
  const lol =
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>';
  assert.match(
    problemOf(orders.replace('<wsdl:definitions', `${lol}<wsdl:definitions`)),
    /^2:\d+ A document type \(<!DOCTYPE …>\) is not read/,
  );
  assert.match(
    problemOf(orders.replace('Takes orders', '&x;')),
    /^8:\d+ This is not well-formed XML: undefined entity/,
  );
  assert.match(problemOf('<a>'.repeat(50_000)), /^1:\d+ The document is nested deeper than 100 levels/);
  assert.match(problemOf(`<a>${'<b/>'.repeat(200_001)}</a>`), /more than 200000 elements/);
  assert.match(
    problemOf(`<a ${Array.from({ length: 300 }, (_, i) => `a${i}=""`).join(' ')}/>`),
    /more than 200 attributes/,
  );
});

test('what cannot be used is told by line: a broken file, another kind, what is imported from elsewhere', () => {
  assert.match(
    problemOf(orders.replace('</wsdl:types>', '</wsdl:typo>')),
    /^16:\d+ This is not well-formed XML: unexpected close tag/,
  );
  assert.match(problemOf('<a/>'), /^1:1 This is no WSDL 1\.1: its root is a/);
  assert.match(problemOf('<description xmlns="http://www.w3.org/ns/wsdl"/>'), /WSDL 2\.0/);
  assert.match(problemOf('openapi: 3.1.0'), /no XML/);
  assert.match(problemOf('PK\u0003\u0004'), /archive/);
  const imported = '<wsdl:import namespace="urn:x" location="bindings.wsdl"/>';
  const parts = orders
    .replace('binding="tns:OrdersSoap"', 'binding="tns:Elsewhere"')
    .replace('  <wsdl:types>', `  ${imported}\n  <wsdl:types>`);
  assert.match(
    problemOf(parts),
    /^41:5 The binding tns:Elsewhere of the port OrderService\.OrdersSoap is not there\. orders\.wsdl line 9 imports bindings\.wsdl, which is not in the upload\./,
  );
  const { unused } = readWsdl(orders, 'orders.wsdl');
  assert.deepEqual(
    unused
      .filter(({ what }) => what === 'xsd:import')
      .map(({ line, column, message }) => [line, column, message.split('.xsd,')[0]]),
    [[12, 7, 'orders.wsdl line 12 imports types']],
  );
});

test('a port that is not SOAP over HTTP is listed, not taken', () => {
  const { services, unused } = readWsdl(
    orders.replace(
      'transport="http://schemas.xmlsoap.org/soap/http"',
      'transport="http://schemas.xmlsoap.org/soap/smtp"',
    ),
    'o',
  );
  assert.deepEqual(
    services[0]?.ports.map(({ name }) => name),
    ['OrdersSoap12'],
  );
  assert.ok(unused.some(({ message }) => message.startsWith('The port OrdersSoap is not SOAP over HTTP but')));
  const bad = readWsdl(orders.replace('http://orders.example.com/services/Orders"', 'jms:queue"'), 'o');
  assert.equal(bad.services[0]?.ports[0]?.targetUrl, '');
});

test('any change to a WSDL is read or refused by line, never anything else', () => {
  fc.assert(
    fc.property(
      fc.nat(orders.length),
      fc.nat(60),
      fc.string({
        unit: fc.constantFrom(
          '<',
          '>',
          '&',
          ';',
          '"',
          "'",
          '/',
          '!',
          '[',
          ']',
          '-',
          'x',
          ':',
          'xmlns',
          '=',
          ' ',
          '\u0000',
          '\uD800',
          '<!--',
          ']]>',
          '&#0;',
        ),
      }),
      (at, cut, put) => {
        const { problems } = readWsdl(orders.slice(0, at) + put + orders.slice(at + cut), 'o');
        for (const { line, column, message } of problems)
          assert.ok(line >= 0 && column >= 0 && /[.!?]$/.test(message), message);
      },
    ),
    { numRuns: 500 },
  );
});
