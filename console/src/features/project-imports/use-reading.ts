import { useMutation } from '@tanstack/react-query';
import { type Accepted, type Origin, type ReadDocument, readDocument, textOfFile } from './document.ts';

/** Reads documents for a wizard, one at a time: from a file, or as they are given. */
export function useReading(accepted: Accepted, onRead: (read: ReadDocument) => void) {
  return useMutation<ReadDocument, unknown, File | Origin>({
    mutationFn: async (given) => {
      const origin = given instanceof File ? { source: await textOfFile(given), fileName: given.name } : given;
      return readDocument(origin, accepted);
    },
    onSuccess: onRead,
  });
}
