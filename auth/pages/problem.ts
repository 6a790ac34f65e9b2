import { type Html, html } from './html.ts';

/** The content of an error page: what went wrong, and by which id an operator finds the cause. */
export function problemContent(sentence: string, requestId: string): Html {
  return html`<p class="problem" role="alert">${sentence}</p>
<p class="soft">If you ask for help, say this id: ${requestId}</p>`;
}
