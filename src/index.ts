export { validate } from './pipeline.js'
