export { lagGraph } from './lag-graph.js'
export { type Point, sparkline } from './sparkline.js'
