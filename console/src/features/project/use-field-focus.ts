import { type RefObject, useEffect, useRef } from 'react';
import { useUrlState } from '../../components/url-state.ts';
import { focusField } from '../../schema-form/focus-field.ts';

/** A dialog puts the focus on its first field when it opens; this comes after. */
const AFTER_DIALOG_MS = 80;

/** Puts the focus on the field that the address names (`?field=timeoutMs`), within the element that the reference is given to. */
export function useFieldFocus(): RefObject<HTMLDivElement | null> {
  const root = useRef<HTMLDivElement>(null);
  const [{ field }] = useUrlState();
  useEffect(() => {
    if (field === undefined) return;
    const timer = setTimeout(
      () => focusField(root.current, field.startsWith('/') ? field : `/${field}`),
      AFTER_DIALOG_MS,
    );
    return () => clearTimeout(timer);
  }, [field]);
  return root;
}
