// A variant of an object: the same, except for a few of its methods.

export function overrideMethods<T extends object>(target: T, own: Partial<T>): T {
  return new Proxy(target, {
    get: (of, name) => {
      if (name in own) return Reflect.get(own, name);
      const value: unknown = Reflect.get(of, name);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
}
