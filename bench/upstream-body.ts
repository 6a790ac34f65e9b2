/** What every proxied answer must be: 1 KiB of JSON. */
export const upstreamBody = createBody(1024);

function createBody(bytes: number): string {
  const items: object[] = [];
  const render = (note: string) => JSON.stringify({ id: 'order-000001', status: 'ok', items, note });
  for (let index = 0; ; index += 1) {
    items.push({ sku: `SKU-${String(index).padStart(5, '0')}`, qty: index + 1, note: `line item ${index}` });
    if (render('').length > bytes) break;
  }
  items.pop();
  return render('x'.repeat(bytes - render('').length));
}
