import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { html } from './html.ts';
import { answerPage, formTargetOf } from './page.ts';
import { readableOn, styleSheet } from './style.ts';

const luminance = (color: string) => {
  const [red = 0, green = 0, blue = 0] = (color.length === 4 ? color.replace(/[0-9a-f]/g, '$&$&') : color)
    .slice(1)
    .match(/../g)!
    .map((pair) => Number.parseInt(pair, 16) / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (a: string, b: string) => {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};

test('whatever is put into a page is text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { text: made } = html`<p title="${text}">${text}</p>`;
      const inner = made.slice('<p title="'.length, -'</p>'.length);
      assert.doesNotMatch(inner.replace('">', ''), /[<>"']/);
    }),
  );
  assert.equal(html`<p>${undefined}${false}${[html`<b>${'&'}</b>`, 1]}</p>`.text, '<p><b>&amp;</b>1</p>');
});

test('the main button is readable in every accent colour: 4.5 : 1 (WCAG 2.2 §1.4.3)', () => {
  const color = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`);
  fc.assert(
    fc.property(color, (one) => assert.ok(contrast(one, readableOn(one)) >= 4.5)),
    { numRuns: 1000 },
  );
});

test('text, links, problems and borders have the contrast they need, in light and dark (WCAG 2.2 §1.4.3, §1.4.11)', () => {
  const [light = '', dark = ''] = styleSheet('#2f5fde').match(/:root\{[^}]*\}/g) ?? [];
  const valueIn = (sheet: string) => (name: string) => new RegExp(`--${name}:(#[0-9a-f]{3,6})`).exec(sheet)?.[1] ?? '';
  for (const value of [valueIn(light), valueIn(dark)]) {
    for (const back of ['page', 'card'])
      for (const [front, least] of [
        ['text', 4.5],
        ['soft', 4.5],
        ['link', 4.5],
        ['line', 3],
      ] as const)
        assert.ok(contrast(value(front), value(back)) >= least, `${front} on ${back}`);
    assert.ok(contrast(value('bad'), value('bad-back')) >= 4.5);
  }
});

test('a footer is text whose https addresses are links; a logo is a picture', () => {
  const look = { title: 'Acme', logo: 'data:image/png;base64,AA==', accentColor: '#2f5fde' };
  const footer = 'See https://acme.example.com/terms. <b>http://plain.example.com</b> javascript:alert(1)';
  const page = { status: 200, heading: 'Sign in', content: html`<p></p>` };
  const { body } = answerPage(page, { look: { ...look, footer }, newNonce: () => 'n' });
  assert.match(String(body), /<a href="https:\/\/acme\.example\.com\/terms" rel="noopener">/);
  assert.equal(String(body).match(/<a /g)?.length, 1);
  assert.match(String(body), /<img class="logo" src="data:image\/png;base64,AA==" alt="">/);
});

test('the place a form may lead on to is an origin, or a scheme without one', () => {
  assert.equal(formTargetOf('https://app.example.com:8443/a?b'), 'https://app.example.com:8443');
  assert.equal(formTargetOf('http://127.0.0.1:5000/'), 'http://127.0.0.1:5000');
  assert.equal(formTargetOf('com.example.app:/callback'), 'com.example.app:');
  assert.equal(formTargetOf('nonsense'), undefined);
});
