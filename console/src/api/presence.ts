const AWAY_AFTER_MS = 60_000;

let lastSeenAt = Date.now();

/** Begins to notice whether somebody uses the page. */
export function watchPresence(): void {
  const see = () => {
    lastSeenAt = Date.now();
  };
  for (const event of ['pointerdown', 'pointermove', 'keydown', 'wheel'])
    addEventListener(event, see, { passive: true, capture: true });
}

/** False when the page is out of sight, or was not touched for a minute. */
export function isSomebodyThere(): boolean {
  return document.visibilityState === 'visible' && Date.now() - lastSeenAt < AWAY_AFTER_MS;
}
