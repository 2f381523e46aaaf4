// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Rewards: what a week may pay, who may post, how long anyone may object, and that each leaf pays once and no more.

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {IRewardPool as I} from "../../../contracts/rewards/IRewardPool.sol";
import {RewardPool} from "../../../contracts/rewards/RewardPool.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

contract RewardPoolTest is RegistryBase {
    RewardPool private pool;
    address private constant ALICE = address(0xA);
    address private constant BOB = address(0xB);
    bytes32 private constant INPUTS = "inputs";
    /// Monday 2026-06-29 05:00 UTC, the start of the week of the tests' first day.
    uint256 private constant MONDAY = 1_782_709_200;

    function setUp() public override {
        super.setUp();
        bytes memory data = abi.encodeCall(RewardPool.initialize, (address(manager), address(token), TREASURY));
        pool = RewardPool(_proxy(address(new RewardPool()), data));
        token.transfer(address(pool), 2_000_000e18);
        vm.warp(MONDAY + 1 weeks);
    }

    function test_set_up_as_told() public view {
        _eq("token", pool.token(), address(token));
        _eq("treasury", pool.treasury(), TREASURY);
        I.Parameters memory expected = I.Parameters(1_105_000e18, 8_500, 48 hours, 26);
        _eq("parameters", keccak256(abi.encode(pool.parameters())), keccak256(abi.encode(expected)));
    }

    function test_epochs_are_weeks_from_monday_five_utc() public {
        _eq("end of 0", pool.endOf(0), MONDAY + 1 weeks);
        vm.warp(MONDAY + 1 weeks - 1);
        _eq("0", pool.currentEpoch(), 0);
        vm.expectRevert(abi.encodeWithSelector(I.EpochNotOver.selector, 0, MONDAY + 1 weeks));
        pool.postRoot(0, "root", 1, INPUTS);
        vm.warp(MONDAY + 1 weeks);
        _eq("1", pool.currentEpoch(), 1);
        pool.postRoot(0, "root", 1, INPUTS);
    }

    function test_emission_falls_by_15_percent_a_year() public {
        uint256[5] memory expected = [
            uint256(1_105_000e18),
            939_250e18,
            798_362.5e18,
            678_608.125e18,
            576_816.90625e18
        ];
        for (uint256 year = 0; year < 5; ++year) {
            _eq("first week", pool.emissionOf(52 * year), expected[year]);
            _eq("last week", pool.emissionOf(52 * year + 51), expected[year]);
        }
        _eq("after centuries", pool.emissionOf(52 * 500), 0);
        pool.setParameters(I.Parameters(7e18, 10_000, 48 hours, 4));
        _eq("changed by vote", pool.emissionOf(52 * 9), 7e18);
    }

    function test_a_root_is_posted_within_emission_and_balance() public {
        bytes4 invalid = I.RootInvalid.selector;
        uint256 emission = 1_105_000e18;
        uint128 beyond = uint128(emission + 1);
        vm.expectRevert(abi.encodeWithSelector(invalid, 0, bytes32("root"), beyond, emission));
        pool.postRoot(0, "root", beyond, INPUTS);
        vm.expectRevert(abi.encodeWithSelector(invalid, 0, bytes32("root"), 0, emission));
        pool.postRoot(0, "root", 0, INPUTS);
        vm.expectRevert(abi.encodeWithSelector(invalid, 0, bytes32(0), 1, emission));
        pool.postRoot(0, 0, 1, INPUTS);
        vm.expectEmit();
        emit I.RootPosted(0, "root", emission, INPUTS, uint40(block.timestamp + 48 hours));
        pool.postRoot(0, "root", uint128(emission), INPUTS);
        _eq("reserved", pool.reserved(), emission);
        vm.expectRevert(abi.encodeWithSelector(I.RootAlreadyPosted.selector, 0, bytes32("root")));
        pool.postRoot(0, "other", 1, INPUTS);
        vm.warp(MONDAY + 2 weeks);
        vm.expectRevert(abi.encodeWithSelector(I.PoolShort.selector, emission, 2_000_000e18 - emission));
        pool.postRoot(1, "root", uint128(emission), INPUTS);
    }

    function test_a_wrong_root_is_vetoed_in_time_and_posted_anew() public {
        pool.postRoot(0, "wrong", 5e18, INPUTS);
        vm.warp(block.timestamp + 48 hours - 1);
        pool.veto(0, "row 3 altered");
        _eq("reserved", pool.reserved(), 0);
        vm.expectRevert(abi.encodeWithSelector(I.RootNotPosted.selector, 0));
        pool.veto(0, "twice");
        pool.postRoot(0, "right", 5e18, INPUTS);
        vm.warp(block.timestamp + 48 hours);
        vm.expectRevert(abi.encodeWithSelector(I.ChallengeOver.selector, 0, block.timestamp));
        pool.veto(0, "too late");
    }

    function test_claims_open_after_the_challenge_and_close_before_the_sweep() public {
        bytes32[] memory proof = _post(0, 10e18, 20e18, 30e18);
        uint256 opens = block.timestamp + 48 hours;
        uint256 closes = opens + 26 weeks;
        bytes memory closed = abi.encodeWithSelector(I.NotClaimable.selector, 0, opens, closes);
        vm.warp(opens - 1);
        vm.expectRevert(closed);
        pool.claim(0, 0, ALICE, 10e18, proof);
        vm.warp(opens);
        vm.expectEmit();
        emit I.RewardClaimed(0, 0, ALICE, 10e18);
        pool.claim(0, 0, ALICE, 10e18, proof);
        _eq("paid", token.balanceOf(ALICE), 10e18);
        _eq("claimed", pool.isClaimed(0, 0), true);
        _eq("reserved", pool.reserved(), 20e18);
        vm.expectRevert(abi.encodeWithSelector(I.NotSweepable.selector, 0, closes));
        pool.sweep(0);
        vm.warp(closes);
        vm.expectRevert(closed);
        pool.claim(0, 1, BOB, 20e18, _siblingOf(0, 0, ALICE, 10e18));
        pool.sweep(0);
        _eq("swept", token.balanceOf(TREASURY), 20e18);
        _eq("reserved", pool.reserved(), 0);
        vm.expectRevert(abi.encodeWithSelector(I.NotSweepable.selector, 0, closes));
        pool.sweep(0);
    }

    function test_attack_double_claim() public {
        bytes32[] memory proof = _post(0, 10e18, 20e18, 30e18);
        vm.warp(block.timestamp + 48 hours);
        pool.claim(0, 0, ALICE, 10e18, proof);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyClaimed.selector, 0, 0));
        pool.claim(0, 0, ALICE, 10e18, proof);
    }

    /// The leaf binds all of it: change one and the proof fails.
    function testFuzz_attack_wrong_proof(uint8 field, uint256 change) public {
        vm.assume(change != 0);
        bytes32[] memory proof = _post(0, 10e18, 20e18, 30e18);
        vm.warp(MONDAY + 2 weeks);
        pool.postRoot(1, pool.epochOf(0).root, 30e18, INPUTS);
        vm.warp(MONDAY + 3 weeks);
        (uint256 epoch, uint256 index, address account, uint256 amount) = (0, 0, ALICE, 10e18);
        field = field % 6;
        if (field == 0) epoch = 1;
        if (field == 1) index ^= change;
        if (field == 2) account = address(uint160(account) ^ uint160(1 + (change % type(uint160).max)));
        if (field == 3) amount ^= change;
        if (field == 4) proof[0] ^= bytes32(change);
        if (field == 5) vm.chainId(block.chainid + 1);
        vm.expectRevert(abi.encodeWithSelector(I.ProofInvalid.selector, epoch, index, account, amount));
        pool.claim(epoch, index, account, amount, proof);
    }

    function test_attack_a_root_whose_leaves_exceed_its_total() public {
        bytes32[] memory proof = _post(0, 10e18, 20e18, 25e18);
        _post(0, 0, 0, 0);
        vm.warp(block.timestamp + 1 weeks);
        pool.postRoot(1, "another week", 30e18, INPUTS);
        pool.claim(0, 0, ALICE, 10e18, proof);
        vm.expectRevert(abi.encodeWithSelector(I.EpochExhausted.selector, 0, 20e18, 15e18));
        pool.claim(0, 1, BOB, 20e18, _siblingOf(0, 0, ALICE, 10e18));
        _eq("the other week is untouched", pool.reserved(), 45e18);
    }

    /// Whatever is posted, claimed, vetoed and swept: what is reserved is the sum of what remains.
    function testFuzz_reserved_is_what_remains(uint256 seed) public {
        for (uint256 epoch = 0; epoch < 6; ++epoch) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 amount = 1 + ((seed >> 8) % 100_000e18);
            vm.warp(pool.endOf(epoch));
            bytes32[] memory proof = _post(epoch, amount, amount / 2, amount + amount / 2);
            if (seed % 4 == 0) {
                pool.veto(epoch, "");
                continue;
            }
            vm.warp(block.timestamp + 48 hours);
            if (seed % 4 > 1) pool.claim(epoch, 0, ALICE, amount, proof);
        }
        _checkReserved();
        vm.warp(block.timestamp + 40 weeks);
        for (uint256 epoch = 0; epoch < 6; ++epoch) {
            if (pool.epochOf(epoch).remaining != 0) pool.sweep(epoch);
        }
        _checkReserved();
        _eq("nothing lost", token.balanceOf(address(pool)) + token.balanceOf(ALICE) + token.balanceOf(TREASURY), 2e24);
    }

    function test_parameters_that_make_no_sense() public {
        I.Parameters[3] memory bad = [
            I.Parameters(1, 10_001, 1, 1),
            I.Parameters(1, 1, 0, 1),
            I.Parameters(1, 1, 1, 0)
        ];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.ParametersInvalid.selector, bad[i]));
            pool.setParameters(bad[i]);
        }
    }

    function test_new_parameters_leave_posted_roots_alone() public {
        _post(0, 10e18, 20e18, 30e18);
        uint40 opens = pool.epochOf(0).claimableFrom;
        pool.setParameters(I.Parameters(1, 1, 1, 1));
        _eq("opens", pool.epochOf(0).claimableFrom, opens);
    }

    function test_restricted_calls_by_a_stranger() public {
        _post(0, 10e18, 20e18, 30e18);
        bytes[5] memory calls = [
            abi.encodeCall(I.postRoot, (1, "root", 1, INPUTS)),
            abi.encodeCall(I.veto, (0, "")),
            abi.encodeCall(I.sweep, (0)),
            abi.encodeCall(I.setParameters, (I.Parameters(1, 1, 1, 1))),
            abi.encodeCall(pool.upgradeToAndCall, (address(token), ""))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(STRANGER);
            (bool passed, bytes memory reason) = address(pool).call(calls[i]);
            _eq("call", passed, false);
            bytes memory expected = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER);
            _eq("reason", keccak256(reason), keccak256(expected));
        }
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        pool.initialize(STRANGER, STRANGER, STRANGER);
    }

    /// @dev Posts two leaves, Alice's at 0 and Bob's at 1; a total of 0 posts nothing.
    /// @return proof Of Alice's.
    function _post(uint256 epoch, uint256 alice, uint256 bob, uint256 total) private returns (bytes32[] memory proof) {
        proof = _siblingOf(epoch, 1, BOB, bob);
        if (total == 0) return proof;
        bytes32 root = Hashes.commutativeKeccak256(pool.leafOf(epoch, 0, ALICE, alice), proof[0]);
        pool.postRoot(epoch, root, uint128(total), INPUTS);
    }

    function _siblingOf(
        uint256 epoch,
        uint256 index,
        address account,
        uint256 amount
    ) private view returns (bytes32[] memory proof) {
        bytes memory inner = abi.encode(block.chainid, address(pool), epoch, index, account, amount);
        proof = new bytes32[](1);
        proof[0] = keccak256(bytes.concat(keccak256(inner)));
    }

    function _checkReserved() private view {
        uint256 sum = 0;
        for (uint256 epoch = 0; epoch < 6; ++epoch) sum += pool.epochOf(epoch).remaining;
        _eq("reserved", pool.reserved(), sum);
        _eq("covered", token.balanceOf(address(pool)) >= sum, true);
    }
}
