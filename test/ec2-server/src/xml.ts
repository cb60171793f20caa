/** What an answer is made of: a list becomes `<item>`s, `undefined` is left out. */
export type Xml = string | number | boolean | Date | undefined | readonly Xml[] | { readonly [name: string]: Xml };

export function toXml(value: Xml): string {
  if (value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => `<item>${toXml(item)}</item>`).join("");
  if (typeof value === "object") {
    const members = Object.entries(value as { readonly [name: string]: Xml }).filter(
      ([, member]) => member !== undefined,
    );
    return members.map(([name, member]) => `<${name}>${toXml(member)}</${name}>`).join("");
  }
  return String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
