/** A seeded generator, so that an invented library looks the same each time (Park and Miller's minimal standard). */
export function chance(seed: number): () => number {
  let state = seed
  return () => (state = (state * 16807) % 2147483647) / 2147483647
}
