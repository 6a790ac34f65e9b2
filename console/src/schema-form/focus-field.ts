const FOCUSABLE = 'input:not([type="hidden"]), textarea, select, button';

/** Puts the focus on the field of a JSON pointer, or on the nearest one around it, and brings it into view. */
export function focusField(root: HTMLElement | null, pointer: string): void {
  requestAnimationFrame(() => {
    const steps = pointer.split('/');
    while (root !== null && steps.length > 1) {
      const field = root.querySelector<HTMLElement>(`[data-pointer="${CSS.escape(steps.join('/'))}"]`);
      const input = field?.querySelector<HTMLElement>(FOCUSABLE);
      if (input) {
        input.focus({ preventScroll: true });
        return field?.scrollIntoView({ block: 'center' });
      }
      steps.pop();
    }
  });
}
