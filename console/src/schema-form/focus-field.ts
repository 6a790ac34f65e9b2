const FOCUSABLE = 'input:not([type="hidden"]), textarea, select, button';

/** Puts the focus on the field of a JSON pointer, or on the nearest one around it, and brings it into view. */
export function focusField(root: HTMLElement | null, pointer: string): void {
  requestAnimationFrame(() => {
    const steps = pointer.split('/').slice(1);
    while (root !== null && steps.length > 0) {
      const field = fieldAt(root, steps);
      const input = field?.matches(FOCUSABLE) === true ? field : field?.querySelector<HTMLElement>(FOCUSABLE);
      if (input) {
        input.focus({ preventScroll: true });
        return input.scrollIntoView({ block: 'center' });
      }
      steps.pop();
    }
  });
}

/** The element of a field: forms by schema name it by pointer, Mantine's forms by path. */
function fieldAt(root: HTMLElement, steps: readonly string[]): HTMLElement | null {
  const pointer = CSS.escape(`/${steps.join('/')}`);
  const path = CSS.escape(steps.join('.'));
  return root.querySelector(`[data-pointer="${pointer}"], [data-path="${path}"], [data-path^="${path}."]`);
}
