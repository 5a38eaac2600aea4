// Stands in for modules that nothing calls, see main.ts.
module.exports = {}
