// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Bounties} from "../../../contracts/funding/Bounties.sol";
import {IMinerRegistry} from "../../../contracts/registry/IMinerRegistry.sol";
import {ReferralProgram} from "../../../contracts/rewards/ReferralProgram.sol";
import {RewardLevels} from "../../../contracts/rewards/RewardLevels.sol";
import {RewardPool} from "../../../contracts/rewards/RewardPool.sol";
import {VehicleLocks} from "../../../contracts/rewards/VehicleLocks.sol";
import {DimoToken} from "../../../contracts/token/DimoToken.sol";
import {IDimoToken} from "../../../contracts/token/IDimoToken.sol";
import {RegistryBase} from "./RegistryBase.t.sol";

/// @dev Everything of rewards, with the token that votes; the test itself holds what the treasury would, and governs.
abstract contract RewardsBase is RegistryBase {
    /// Monday 2026-06-29 05:00 UTC, the start of the week of the tests' first day.
    uint256 internal constant MONDAY = 1_782_709_200;
    bytes32 internal constant INPUTS = "inputs";
    bytes32 internal constant CAR = "acme/ev-1";
    address internal constant ALICE = address(0xA);
    address internal constant BOB = address(0xB);

    DimoToken internal dimo;
    Bounties internal bounties;
    RewardPool internal pool;
    RewardLevels internal levels;
    VehicleLocks internal locks;
    ReferralProgram internal referrals;
    uint256 internal licenceId;

    function setUp() public virtual override {
        super.setUp();
        licenceId = _licence();
        address authority = address(manager);
        bytes memory data = abi.encodeCall(
            DimoToken.initialize,
            (authority, address(this), new IDimoToken.Allocation[](0))
        );
        dimo = DimoToken(_proxy(address(new DimoToken()), data));
        address paid = address(dimo);
        data = abi.encodeCall(Bounties.initialize, (authority, paid));
        bounties = Bounties(_proxy(address(new Bounties()), data));
        data = abi.encodeCall(RewardPool.initialize, (authority, paid, TREASURY, address(bounties)));
        pool = RewardPool(_proxy(address(new RewardPool()), data));
        data = abi.encodeCall(RewardLevels.initialize, (authority));
        levels = RewardLevels(_proxy(address(new RewardLevels()), data));
        data = abi.encodeCall(VehicleLocks.initialize, (authority, paid, address(miners), address(levels)));
        locks = VehicleLocks(_proxy(address(new VehicleLocks()), data));
        data = abi.encodeCall(ReferralProgram.initialize, (authority, paid, TREASURY, address(miners), address(pool)));
        referrals = ReferralProgram(_proxy(address(new ReferralProgram()), data));
        dimo.transfer(address(pool), 2_000_000e18);
    }

    /// @return enrolled The device of a key, now enrolled for an owner.
    function _enrolFor(uint256 key, address owner) internal returns (address enrolled) {
        enrolled = vm.addr(key);
        IMinerRegistry.Enrolment memory e = IMinerRegistry.Enrolment(
            enrolled,
            licenceId,
            "AP-1",
            owner,
            miners.nonceOf(licenceId),
            block.timestamp
        );
        bytes32 structHash = keccak256(abi.encode(miners.ENROLMENT_TYPEHASH(), e));
        bytes32 digest = _typed("DIMO MinerRegistry", address(miners), structHash);
        miners.enrol(e, _sign(MAKER_KEY, digest), _sign(key, digest));
    }

    /// @dev One owner offers a device, the next accepts it.
    function _handOver(address device_, address from, address to) internal {
        vm.prank(from);
        miners.offer(device_, to);
        vm.prank(to);
        miners.accept(device_);
    }

    /// @dev Posts two leaves, Alice's at 0 and Bob's at 1, once their week is over.
    /// @return aliceProof Of Alice's leaf.
    /// @return bobProof Of Bob's.
    function _post(
        uint256 epoch,
        uint256 alice,
        uint256 bob,
        uint256 total
    ) internal returns (bytes32[] memory aliceProof, bytes32[] memory bobProof) {
        if (block.timestamp < pool.endOf(epoch)) vm.warp(pool.endOf(epoch));
        return _postPair(epoch, pool.leafOf(epoch, 0, ALICE, alice), pool.leafOf(epoch, 1, BOB, bob), total);
    }

    function _postPair(
        uint256 epoch,
        bytes32 leftLeaf,
        bytes32 rightLeaf,
        uint256 total
    ) internal returns (bytes32[] memory leftProof, bytes32[] memory rightProof) {
        pool.postRoot(epoch, Hashes.commutativeKeccak256(leftLeaf, rightLeaf), uint96(total), INPUTS);
        return (_proof(rightLeaf), _proof(leftLeaf));
    }

    function _proof(bytes32 sibling) internal pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = sibling;
    }

    /// @dev A stranger sends it, and the AccessManager refuses.
    function _refuseStranger(address target, bytes memory data) internal {
        vm.prank(STRANGER);
        (bool passed, bytes memory reason) = target.call(data);
        _eq("call", passed, false);
        bytes memory expected = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER);
        _eq("reason", keccak256(reason), keccak256(expected));
    }
}
