// A small histogram gradient booster for the log loss: trees of a fixed depth, Newton leaves, no sampling of features.
// It learns on rows and their mirror images; what it says of a row is symmetrised by `mirroredLogOdds`.
// Only the trainer uses it: the network that ships is distilled from it.

export interface BoostingOptions {
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
  /** Rows a leaf must hold, mirrored rows counted. */
  readonly rowsPerLeafMin: number;
  /** L2 penalty on the value of a leaf. */
  readonly ridge: number;
}

/** A complete binary tree: node n has children 2n+1 and 2n+2; a node that was not split sends everything left. */
interface Tree {
  readonly feature: Uint8Array;
  /** Values at or below the threshold go left. */
  readonly threshold: Float32Array;
  readonly leaf: Float64Array;
}

export interface Booster {
  readonly width: number;
  readonly depth: number;
  readonly trees: readonly Tree[];
}

const BINS = 64;

/**
 * @param rows [up.length × signs.length]
 * @param signs −1 for the features that change their sign in the mirror, +1 for the rest
 * @param onTree called after each tree with the number grown so far
 */
export function fitBooster(
  rows: Float32Array,
  up: Uint8Array,
  signs: Int8Array,
  options: BoostingOptions,
  onTree?: (trees: number) => void,
): Booster {
  const width = signs.length;
  const count = up.length * 2;
  const edges = binEdges(rows, signs);
  const bins = binRows(rows, up.length, signs, edges);
  const logOdds = new Float64Array(count);
  const gradient = new Float64Array(count);
  const curvature = new Float64Array(count);
  const node = new Uint8Array(count);
  const trees: Tree[] = [];
  for (let t = 0; t < options.trees; t++) {
    for (let r = 0; r < count; r++) {
      const source = r >> 1;
      const label = (r & 1) === 0 ? up[source] : 1 - up[source];
      const p = 1 / (1 + Math.exp(-logOdds[r]));
      gradient[r] = label - p;
      curvature[r] = p * (1 - p);
    }
    const tree = growTree(bins, edges, width, gradient, curvature, node, options);
    for (let r = 0; r < count; r++) logOdds[r] += tree.leaf[node[r]];
    trees.push(tree);
    onTree?.(t + 1);
  }
  return { width, depth: options.depth, trees };
}

/** (b(row) − b(mirrored row)) / 2, where b is the sum of the trees. */
export function mirroredLogOdds(booster: Booster, rows: Float32Array, row: number, signs: Int8Array): number {
  const offset = row * booster.width;
  let sum = 0;
  for (const { feature, threshold, leaf } of booster.trees) {
    let here = 0;
    let mirror = 0;
    for (let level = 0; level < booster.depth; level++) {
      const f = feature[here];
      here = 2 * here + (rows[offset + f] <= threshold[here] ? 1 : 2);
      const m = feature[mirror];
      mirror = 2 * mirror + (rows[offset + m] * signs[m] <= threshold[mirror] ? 1 : 2);
    }
    const first = threshold.length;
    sum += leaf[here - first] - leaf[mirror - first];
  }
  return sum / 2;
}

/** Quantiles of each feature, of its mirror image as well; at most BINS − 1 edges, ascending. */
function binEdges(rows: Float32Array, signs: Int8Array): Float32Array[] {
  const width = signs.length;
  const count = rows.length / width;
  const step = Math.max(1, Math.floor(count / 20_000));
  return Array.from(signs, (sign, f) => {
    const values: number[] = [];
    for (let r = 0; r < count; r += step) {
      const value = rows[r * width + f];
      values.push(value);
      if (sign < 0) values.push(-value);
    }
    const sorted = Float32Array.from(values).sort();
    const edges = new Set<number>();
    for (let b = 1; b < BINS; b++) edges.add(sorted[Math.floor((b * sorted.length) / BINS)]);
    return Float32Array.from(edges);
  });
}

/** Bin of every value, row by row; the mirror image of row r stands at 2r + 1. */
function binRows(rows: Float32Array, count: number, signs: Int8Array, edges: readonly Float32Array[]): Uint8Array {
  const width = signs.length;
  const bins = new Uint8Array(count * 2 * width);
  for (let r = 0; r < count; r++) {
    for (let f = 0; f < width; f++) {
      const value = rows[r * width + f];
      bins[2 * r * width + f] = binOf(value, edges[f]);
      bins[(2 * r + 1) * width + f] = binOf(value * signs[f], edges[f]);
    }
  }
  return bins;
}

/** Number of edges below the value: values equal to edge b lie in bin b, that is at or below it. */
function binOf(value: number, edges: Float32Array): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Grows level by level; leaves in `node` the leaf of every row. */
function growTree(
  bins: Uint8Array,
  edges: readonly Float32Array[],
  width: number,
  gradient: Float64Array,
  curvature: Float64Array,
  node: Uint8Array,
  options: BoostingOptions,
): Tree {
  const { depth, ridge, learningRate } = options;
  const feature = new Uint8Array((1 << depth) - 1);
  const threshold = new Float32Array((1 << depth) - 1).fill(Number.POSITIVE_INFINITY);
  const splitBin = new Uint8Array((1 << depth) - 1).fill(255);
  node.fill(0);
  for (let level = 0; level < depth; level++) {
    const histogram = buildHistogram(bins, width, gradient, curvature, node, 1 << level);
    for (let n = 0; n < 1 << level; n++) {
      const split = bestSplit(histogram, n, width, edges, options);
      if (split === undefined) continue;
      const at = (1 << level) - 1 + n;
      feature[at] = split.feature;
      threshold[at] = edges[split.feature][split.bin];
      splitBin[at] = split.bin;
    }
    for (let r = 0; r < node.length; r++) {
      const at = (1 << level) - 1 + node[r];
      node[r] = 2 * node[r] + (bins[r * width + feature[at]] <= splitBin[at] ? 0 : 1);
    }
  }
  const sums = new Float64Array(2 << depth);
  for (let r = 0; r < node.length; r++) {
    sums[2 * node[r]] += gradient[r];
    sums[2 * node[r] + 1] += curvature[r];
  }
  const leaf = Float64Array.from(
    { length: 1 << depth },
    (_, l) => (learningRate * sums[2 * l]) / (sums[2 * l + 1] + ridge),
  );
  return { feature, threshold, leaf };
}

const SLOTS = 3; // gradient, curvature, rows

function buildHistogram(
  bins: Uint8Array,
  width: number,
  gradient: Float64Array,
  curvature: Float64Array,
  node: Uint8Array,
  nodes: number,
): Float64Array {
  const histogram = new Float64Array(nodes * width * BINS * SLOTS);
  for (let r = 0; r < node.length; r++) {
    const g = gradient[r];
    const c = curvature[r];
    let base = node[r] * width * BINS * SLOTS;
    for (let f = 0, at = r * width; f < width; f++, at++, base += BINS * SLOTS) {
      const slot = base + bins[at] * SLOTS;
      histogram[slot] += g;
      histogram[slot + 1] += c;
      histogram[slot + 2]++;
    }
  }
  return histogram;
}

function bestSplit(
  histogram: Float64Array,
  node: number,
  width: number,
  edges: readonly Float32Array[],
  { rowsPerLeafMin, ridge }: BoostingOptions,
): { feature: number; bin: number } | undefined {
  let best: { feature: number; bin: number } | undefined;
  let bestGain = 1e-9;
  for (let f = 0; f < width; f++) {
    const base = (node * width + f) * BINS * SLOTS;
    let g = 0;
    let c = 0;
    let rows = 0;
    for (let b = 0; b <= edges[f].length; b++) {
      g += histogram[base + b * SLOTS];
      c += histogram[base + b * SLOTS + 1];
      rows += histogram[base + b * SLOTS + 2];
    }
    let left = 0;
    let leftC = 0;
    let leftRows = 0;
    for (let b = 0; b < edges[f].length; b++) {
      left += histogram[base + b * SLOTS];
      leftC += histogram[base + b * SLOTS + 1];
      leftRows += histogram[base + b * SLOTS + 2];
      if (leftRows < rowsPerLeafMin || rows - leftRows < rowsPerLeafMin) continue;
      const right = g - left;
      const gain = (left * left) / (leftC + ridge) + (right * right) / (c - leftC + ridge) - (g * g) / (c + ridge);
      if (gain > bestGain) {
        bestGain = gain;
        best = { feature: f, bin: b };
      }
    }
  }
  return best;
}
