package cib

// kinds are all objects of a CIB in the order in which they are planned, and in
// which those that the playbook does not declare are listed. What is in no line
// here is left alone, and listed by the name of its element.
var kinds = []*kind{
	properties, propertySets,
	resourceDefaults, resourceDefaultSets, operationDefaults, operationDefaultSets,
	resourceTree,
	nodeAttributes,
	locations, colocations, orders, tickets,
	fencingLevels,
	tags,
	aclRoles, aclTargets, aclGroups,
	alerts,
}
