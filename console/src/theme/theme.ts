import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type VariantColorsResolver,
} from '@mantine/core';

/** Tones of a status, each a token of {@link cssVariables} that has 4.5:1 in both schemes; Mantine's "light" variant has not. */
const TONES: Readonly<Record<string, string>> = {
  green: 'ok',
  orange: 'warn',
  red: 'bad',
  gray: 'neutral',
  brand: 'info',
};

const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  // What deletes: white on it has 4.5:1 in both schemes, on Mantine's red it has not.
  if (input.variant === 'filled' && input.color === 'red')
    return { background: '#b42318', hover: '#912018', color: '#ffffff', border: '1px solid transparent' };
  const tone = input.variant === 'tone' ? TONES[String(input.color)] : undefined;
  if (tone === undefined) return colors;
  const background = `var(--${tone}-bg)`;
  return { background, hover: background, color: `var(--${tone})`, border: '1px solid transparent' };
};

/** The look of the console: console.md §9. */
export const theme = createTheme({
  variantColorResolver: variantColors,
  primaryColor: 'brand',
  primaryShade: { light: 6, dark: 5 },
  autoContrast: true,
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono Variable", ui-monospace, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  colors: {
    // Mantine's own red has too little contrast below white words.
    red: ['#fff1ef', '#fde0dc', '#fac2bb', '#f5998e', '#ec6a5c', '#d13c2d', '#b42318', '#971b12', '#7a1710', '#60140e'],
    brand: [
      '#eef4ff',
      '#dbe6fe',
      '#bcd0fd',
      '#90b0fa',
      '#5f89f5',
      '#3b66ec',
      '#2b50db',
      '#2441b8',
      '#223a93',
      '#203374',
    ],
    dark: [
      '#d5dae3',
      '#b4bcc9',
      '#949eae',
      '#6b7686',
      '#3d4654',
      '#2e3643',
      '#232a35',
      '#191f28',
      '#131820',
      '#0d1117',
    ],
  },
  components: {
    Alert: {
      defaultProps: { variant: 'default' },
      styles: {
        root: { background: 'var(--app-surface)', borderColor: 'var(--app-border)', borderLeftWidth: 4 },
      },
    },
    Badge: {
      defaultProps: { radius: 'sm', variant: 'tone', tt: 'none', fw: 600 },
      styles: { root: { flexShrink: 0 } },
    },
    Button: { defaultProps: { size: 'sm' } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    // Its placeholder for the first focus is no menu item: assistive technology takes the menu for broken.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, transitionProps: { duration: 120 } } },
    Modal: {
      // Its header is no banner of the page.
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, attributes: { header: { role: 'presentation' } } },
    },
    Notification: { styles: { description: { color: 'var(--app-muted)' } } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: 'sm' } },
    // On focus too: who uses the keyboard reads why something is disabled.
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: false } } },
  },
});

/** Colours by what they mean, in both schemes. Contrasts are checked with axe. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-error': '#b42318',
    '--mantine-color-dimmed': '#566072',
    '--app-canvas': '#f5f7fa',
    '--app-surface': '#ffffff',
    '--app-border': '#dde2ea',
    '--app-muted': '#566072',
    '--app-request': '#2441b8',
    '--app-response': '#0b6b5d',
    '--app-selected': '#e6edff',
    '--ok': '#17733b',
    '--warn': '#9a5300',
    '--bad': '#b42318',
    '--info': '#2441b8',
    '--neutral': '#475163',
    '--ok-bg': '#e3f5e9',
    '--warn-bg': '#fdf0dc',
    '--bad-bg': '#fde7e4',
    '--info-bg': '#e6edff',
    '--neutral-bg': '#edf0f4',
    '--p50': '#2b50db',
    '--p95': '#b45f06',
    '--p99': '#b42318',
  },
  dark: {
    '--mantine-color-error': '#ff8578',
    '--mantine-color-dimmed': '#9aa5b5',
    '--mantine-color-body': '#161c25',
    '--mantine-color-anchor': '#90b0fa',
    '--app-canvas': '#0d1117',
    '--app-surface': '#161c25',
    '--app-border': '#2e3643',
    '--app-muted': '#9aa5b5',
    '--app-request': '#90b0fa',
    '--app-response': '#5fd0ba',
    '--app-selected': '#1b2a4f',
    '--ok': '#56c27c',
    '--warn': '#eda64a',
    '--bad': '#ff8578',
    '--info': '#a9c2fc',
    '--neutral': '#b4bcc9',
    '--ok-bg': '#12301e',
    '--warn-bg': '#3a2810',
    '--bad-bg': '#411c19',
    '--info-bg': '#1b2a4f',
    '--neutral-bg': '#262e3a',
    '--p50': '#6f97f8',
    '--p95': '#eda64a',
    '--p99': '#ff8578',
  },
});

/** The nonce that the manager put into this answer, for styles that are made at run time. */
export function styleNonce(): string {
  return document.querySelector<HTMLElement>('[nonce]')?.nonce ?? '';
}
