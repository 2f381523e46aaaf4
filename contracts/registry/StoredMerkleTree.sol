// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/**
 * @title A Merkle tree whose nodes stand in storage
 * @notice A leaf can be changed without a proof. OpenZeppelin's MerkleTree.update needs one, and a proof frozen into a
 * proposal is stale when the proposal executes.
 * @dev Nodes are sorted pairs under keccak-256, so OpenZeppelin's MerkleProof verifies what `proof` returns. A node with
 * one empty half has the other half's value (and proofs skip the empty one); the depth grows with the size. So adding a
 * leaf writes one new node at most, and rewrites one for each further bit set in its position.
 * Leaves must be hashes of something that is not 64 bytes long, or a node could pass for one.
 */
library StoredMerkleTree {
    /// @param size Number of positions, empty ones included.
    /// @param version Number of changes.
    /// @param nodes Leaves are level 0. A node above them that never had a right half is not stored: its value is its left child's.
    struct Tree {
        uint32 size;
        uint64 version;
        mapping(uint256 levelAndIndex => bytes32) nodes;
    }

    error PositionUnknown(uint256 position, uint256 size);

    /// @notice Adds a leaf at the next position.
    function push(Tree storage tree, bytes32 leaf) internal returns (bytes32 newRoot) {
        uint256 position = tree.size++;
        return set(tree, position, leaf);
    }

    /// @notice Writes the leaf at a position (zero empties it), and the path above it.
    function set(Tree storage tree, uint256 position, bytes32 leaf) internal returns (bytes32 node) {
        uint256 size = tree.size;
        if (position >= size) revert PositionUnknown(position, size);
        ++tree.version;
        tree.nodes[_key(0, position)] = leaf;
        node = leaf;
        uint256 depth = _depth(size);
        for (uint256 level = 0; level < depth; ++level) {
            uint256 index = position >> level;
            // Nothing was ever to the right: the parent's value is this node's, which needs no storing.
            if ((index ^ 1) << level >= size) continue;
            node = _parent(node, _value(tree, level, index ^ 1));
            tree.nodes[_key(level + 1, index >> 1)] = node;
        }
    }

    /// @notice The root; zero for a tree without leaves.
    function root(Tree storage tree) internal view returns (bytes32) {
        return _value(tree, _depth(tree.size), 0);
    }

    /// @notice The siblings that are not empty, from the leaf at `position` up to the root.
    function proof(Tree storage tree, uint256 position) internal view returns (bytes32[] memory siblings) {
        uint256 depth = _depth(tree.size);
        siblings = new bytes32[](depth);
        uint256 count = 0;
        for (uint256 level = 0; level < depth; ++level) {
            bytes32 sibling = _value(tree, level, (position >> level) ^ 1);
            if (sibling != 0) siblings[count++] = sibling;
        }
        assembly ("memory-safe") {
            mstore(siblings, count)
        }
    }

    function _value(Tree storage tree, uint256 level, uint256 index) private view returns (bytes32 value) {
        value = tree.nodes[_key(level, index)];
        while (value == 0 && level > 0) {
            --level;
            index <<= 1;
            value = tree.nodes[_key(level, index)];
        }
    }

    function _depth(uint256 size) private pure returns (uint256) {
        return Math.log2(size, Math.Rounding.Ceil);
    }

    function _parent(bytes32 a, bytes32 b) private pure returns (bytes32) {
        if (a == 0 || b == 0) return a | b;
        return Hashes.commutativeKeccak256(a, b);
    }

    function _key(uint256 level, uint256 index) private pure returns (uint256) {
        return (level << 32) | index;
    }
}
