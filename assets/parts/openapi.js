// What an OpenAPI document says, looked up.

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Every operation: `{ path, method, operation }`. */
export const operations = (document) =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, operation: item[method] })));

/** What `$ref` points to, and what it is called; a schema without one as it is. */
export function resolve(document, schema) {
  if (!schema?.$ref) return { schema: schema ?? {}, name: null };
  const parts = schema.$ref.replace(/^#\//, '').split('/');
  const found = parts.reduce((value, part) => value?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  return { schema: found ?? {}, name: parts.at(-1) };
}

/** A schema with all that it is put together from in one. */
export function merged(document, schema) {
  const { schema: own, name } = resolve(document, schema);
  if (!own.allOf) return { schema: own, name };
  const parts = own.allOf.map((part) => merged(document, part).schema);
  return {
    name,
    schema: {
      ...Object.assign({}, ...parts, own),
      properties: Object.assign({}, ...parts.map((part) => part.properties), own.properties),
      required: parts.flatMap((part) => part.required ?? []).concat(own.required ?? []),
    },
  };
}

/** The type of a schema in a few words: `text`, `list of RunView`, `number or null`. */
export function typeName(document, given) {
  const { schema, name } = resolve(document, given);
  if (name) return name;
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return [...new Set(several.map((one) => typeName(document, one)))].join(' or ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  const types = [schema.type ?? []].flat();
  if (types.includes('array')) return `list of ${typeName(document, schema.items)}`;
  if (schema.additionalProperties && !schema.properties) return `object of ${typeName(document, schema.additionalProperties)}`;
  return types.length ? types.map((type) => (type === 'string' ? 'text' : type)).join(' or ') : 'any value';
}

/** An example of a schema: those that it gives, else one of its type. A depth bounds what refers to itself. */
export function example(document, given, depth = 0) {
  const { schema } = merged(document, given);
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return example(document, several.find((one) => one.type !== 'null') ?? {}, depth + 1);
  const type = [schema.type ?? []].flat().find((one) => one !== 'null');
  if (depth > 5) return null;
  if (type === 'object' || schema.properties) {
    const required = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name));
    return Object.fromEntries(required.map(([name, inner]) => [name, example(document, inner, depth + 1)]));
  }
  if (type === 'array') return [example(document, schema.items, depth + 1)];
  return { string: '', integer: schema.minimum ?? 0, number: 0, boolean: false }[type] ?? null;
}
