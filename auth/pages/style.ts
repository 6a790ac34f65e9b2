/** `#000` or `#fff`, whichever is read better on a colour `#rrggbb` (WCAG 2.2, relative luminance): one of them has 4.5 : 1 at least. */
export function readableOn(color: string): '#000' | '#fff' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(color.slice(at, at + 2), 16) / 255),
  );
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? '#000' : '#fff';
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

/** The style sheet of all pages, light and dark. The accent colour is a background only, so that any choice stays readable. */
export function styleSheet(accentColor: string): string {
  return `:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--text:#1a1d21;--soft:#555b64;--line:#767e8a;--bad:#b3261e;--bad-back:#fdecea;--link:#0b57d0;--accent:${accentColor};--on-accent:${readableOn(accentColor)}}
@media (prefers-color-scheme:dark){:root{--page:#111417;--card:#1c2024;--text:#eceef1;--soft:#b3bac4;--line:#7d8590;--bad:#ffb4ab;--bad-back:#3b1512;--link:#a8c7fa}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif;padding:2rem 1rem}
main{width:100%;max-width:26rem;margin:auto 0;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:2rem;overflow-wrap:anywhere}
main.wide{max-width:44rem}
.logo{display:block;max-width:12rem;max-height:4rem;margin:0 auto 1rem}
.brand{margin:0 0 .25rem;color:var(--soft);text-align:center}
h1{font-size:1.4rem;line-height:1.3;margin:0 0 1rem;text-align:center}
h2{font-size:1.05rem;margin:1.5rem 0 .25rem}
p,ul{margin:0 0 1rem}
ul{padding-left:1.25rem}
label{display:block;font-weight:600;margin-bottom:.25rem}
input,select{width:100%;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:8px;padding:.6rem .75rem;margin-bottom:1rem}
option{color:#000;background:#fff}
button,.button{display:block;width:100%;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer;border-radius:8px;border:1px solid var(--text);padding:.65rem 1rem;margin-bottom:.75rem;background:transparent;color:var(--text)}
button.first{background:var(--accent);color:var(--on-accent);border-color:var(--line)}
button.small{width:auto;padding:.35rem .9rem;margin:0}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.problem{border:1px solid var(--bad);background:var(--bad-back);color:var(--bad);border-radius:8px;padding:.75rem 1rem}
.soft{color:var(--soft);font-size:.9rem}
.row{display:flex;gap:1rem;justify-content:space-between;align-items:flex-start;border-top:1px solid var(--line);padding:1rem 0}
.row form{flex:none}
footer{max-width:44rem;margin-top:1rem;color:var(--soft);font-size:.875rem;text-align:center;overflow-wrap:anywhere}`;
}
