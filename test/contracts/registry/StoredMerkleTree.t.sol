// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The stored tree agrees with one that is computed from scratch, and its proofs with OpenZeppelin's MerkleProof.

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {StoredMerkleTree} from "../../../contracts/registry/StoredMerkleTree.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

contract StoredMerkleTreeTest is RegistryBase {
    using StoredMerkleTree for StoredMerkleTree.Tree;

    StoredMerkleTree.Tree private tree;
    bytes32[64] private leaves;

    function setUp() public override {}

    function test_an_empty_tree_has_root_zero() public view {
        _eq("root", tree.root(), bytes32(0));
    }

    function test_a_single_leaf_is_the_root() public {
        _eq("returned", tree.push("leaf"), "leaf");
        _eq("root", tree.root(), "leaf");
        _eq("proof", tree.proof(0).length, 0);
    }

    /// After each of any sequence of writes: the root of the same leaves computed from scratch, and proofs that hold.
    function testFuzz_agrees_with_a_fresh_tree(uint256 seed) public {
        uint256 writes = 1 + (seed % 48);
        for (uint256 i = 0; i < writes; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            bytes32 leaf = seed % 3 == 0 ? bytes32(0) : keccak256(abi.encode("leaf", seed));
            bool pushed = tree.size == 0 || seed & 0x300 != 0;
            uint256 position = pushed ? tree.size : (seed >> 16) % tree.size;
            leaves[position] = leaf;
            bytes32 returned = pushed ? tree.push(leaf) : tree.set(position, leaf);
            _eq("returned", returned, tree.root());
            _eq("root", returned, _fresh());
        }
        _eq("version", tree.version, writes);
        for (uint256 position = 0; position < tree.size; ++position) {
            if (leaves[position] == 0) continue;
            bytes32[] memory proof = tree.proof(position);
            _eq("proof", MerkleProof.verify(proof, tree.root(), leaves[position]), true);
            _eq("other leaf", MerkleProof.verify(proof, tree.root(), keccak256("other")), false);
        }
    }

    /// A node stands under (level << 32) | index, and only where its right half begins within the tree: what an
    /// indexer reads from storage, and why adding a leaf writes one new node at most.
    function test_a_node_that_never_had_a_right_half_is_not_stored() public {
        for (uint256 size = 1; size <= 17; ++size) {
            tree.push(keccak256(abi.encode(size)));
            for (uint256 level = 1; level <= 6; ++level) {
                for (uint256 index = 0; index <= 17; ++index) {
                    uint256 rightBegins = ((2 * index) + 1) << (level - 1);
                    bool stored = tree.nodes[(level << 32) | index] != 0;
                    _eq("stored", stored, rightBegins < size);
                }
            }
        }
        _eq("root", tree.nodes[5 << 32], tree.root());
        _eq("leaf", tree.nodes[16], keccak256(abi.encode(17)));
    }

    function test_removing_every_leaf_returns_to_zero() public {
        for (uint256 i = 0; i < 5; ++i) tree.push(keccak256(abi.encode(i)));
        for (uint256 i = 0; i < 5; ++i) tree.set(i, 0);
        _eq("root", tree.root(), bytes32(0));
    }

    function test_only_positions_that_were_pushed_are_set() public {
        tree.push("leaf");
        vm.expectRevert(abi.encodeWithSelector(StoredMerkleTree.PositionUnknown.selector, 1, 1));
        this.setAt(1, "beyond");
    }

    function setAt(uint256 position, bytes32 leaf) external {
        tree.set(position, leaf);
    }

    /// @dev All 64 positions, level by level; an empty half hands the other one up.
    function _fresh() private view returns (bytes32) {
        bytes32[64] memory level = leaves;
        for (uint256 size = 64; size > 1; size /= 2) {
            for (uint256 i = 0; i < size / 2; ++i) {
                (bytes32 a, bytes32 b) = (level[2 * i], level[2 * i + 1]);
                level[i] = a == 0 || b == 0 ? a | b : Hashes.commutativeKeccak256(a, b);
            }
        }
        return level[0];
    }
}
