import { HeaderList } from '#core/headers';
import type { HttpResponse } from '#core/message';
import { Html, html } from './html.ts';
import { styleSheet } from './style.ts';

/** How the pages of an end point look: its settings. */
export interface PageLook {
  readonly title: string;
  readonly logo: string;
  readonly accentColor: string;
  readonly footer: string;
}

/** A page to send. */
export interface Page {
  readonly status: number;
  /** Heading, and first part of the window's title. */
  readonly heading: string;
  readonly content: Html;
  /** More room, for lists. */
  readonly isWide?: boolean;
  /** Where its forms may lead beside their own origin, and be sent on to: CSP sources. Left out: their own origin only. */
  readonly formTargets?: readonly string[];
}

/** What a page is made with. */
export interface PageServices {
  readonly look: PageLook;
  /** Text for the nonce of the style sheet: fresh for each answer. */
  newNonce(): string;
}

/**
 * A page as an answer: no script, nothing from elsewhere, never in a frame, never kept (RFC 6749 §10.13, RFC 9700 §4.16). Where its forms may
 * lead is said, because browsers hold a form's redirects against `form-action` too.
 */
export function answerPage(page: Page, { look, newNonce }: PageServices): HttpResponse {
  const nonce = newNonce();
  const body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${page.heading}${look.title !== '' && ` – ${look.title}`}</title>
<style nonce="${nonce}">${new Html(styleSheet(look.accentColor))}</style>
</head>
<body>
<main${page.isWide === true && html` class="wide"`}>
${look.logo !== '' && html`<img class="logo" src="${look.logo}" alt="">`}
${look.title !== '' && html`<p class="brand">${look.title}</p>`}
<h1>${page.heading}</h1>
${page.content}
</main>
${look.footer !== '' && html`<footer>${withLinks(look.footer)}</footer>`}
</body>
</html>
`;
  return { status: page.status, headers: pageHeaders(nonce, page.formTargets ?? []), body: body.text };
}

function pageHeaders(nonce: string, formTargets: readonly string[]): HeaderList {
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    'img-src data:',
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return HeaderList.of({
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy.join('; '),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
}

/** Plain text in which https addresses are links. */
function withLinks(text: string): readonly (Html | string)[] {
  return text
    .split(/(https:\/\/[^\s<>"']+[^\s<>"'.,;:!?)])/)
    .map((part, i) => (i % 2 === 1 ? html`<a href="${part}" rel="noopener">${part}</a>` : part));
}

/** The CSP source of a redirect URI, for {@link Page.formTargets}: its origin, or its scheme where it has none. */
export function formTargetOf(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (url === null) return undefined;
  return url.origin === 'null' ? url.protocol : url.origin;
}
